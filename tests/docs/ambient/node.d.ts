// What the TypeScript snippets take for granted: what the reader's own application has.

import type { Pool } from "pg";
import type { SessionOptions } from "tandem-jwt/session";

declare global {
  const options: Omit<SessionOptions, "store">;
  const pool: Pool;
}

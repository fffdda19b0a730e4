// The part of Cloudflare's types that `cloudflare.ts` stands on. Applications bring the whole of them (`wrangler
// types`, or @cloudflare/workers-types), and these are not shipped.

declare module "cloudflare:workers" {
  export class DurableObject<Env = unknown> {
    constructor(ctx: DurableObjectState, env: Env);
    protected ctx: DurableObjectState;
    protected env: Env;
  }
}

interface DurableObjectState {
  readonly storage: DurableObjectStorage;
}

interface DurableObjectStorage {
  readonly sql: SqlStorage;
  getAlarm(): Promise<number | null>;
  setAlarm(ms: number): Promise<void>;
  deleteAll(): Promise<void>;
}

interface SqlStorage {
  exec<Row extends Record<string, ArrayBuffer | string | number | null>>(
    query: string,
    ...bindings: (ArrayBuffer | ArrayBufferView | string | number | null)[]
  ): { toArray(): Row[] };
}

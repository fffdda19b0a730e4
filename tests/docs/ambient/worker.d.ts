// What the snippets of Workers take for granted.

/** As `wrangler types` writes it. */
interface Env {
  readonly SESSIONS: DurableObjectNamespace;
  readonly ACCESS_KEY: string;
  readonly REFRESH_KEY: string;
}
declare function isRight(username: string, password: string): Promise<boolean>;

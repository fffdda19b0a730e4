// The part of Cloudflare's types that is used here. It is not shipped: applications bring all of them (`wrangler
// types`, or @cloudflare/workers-types).

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

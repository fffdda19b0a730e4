// The base class of Durable Objects outside Workers, so that an application can be imported and unit-tested in Node.

/** The members that the class of `cloudflare:workers` has. */
export class DurableObject<Env = unknown> {
  // Protected, as in Cloudflare's class, so that a subclass compiles over either.
  protected ctx: DurableObjectState;
  protected env: Env;

  constructor(ctx: DurableObjectState, env: Env) {
    this.ctx = ctx;
    this.env = env;
  }
}

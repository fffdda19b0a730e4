// What a Durable Object extends, outside of Workers: an application can then be imported, and unit-tested, in Node.

/** The members that the class of `cloudflare:workers` gives to those that extend it. */
export class DurableObject<Env = unknown> {
  protected ctx: DurableObjectState;
  protected env: Env;

  constructor(ctx: DurableObjectState, env: Env) {
    this.ctx = ctx;
    this.env = env;
  }
}

// The base class of Durable Objects in Workers. package.json chooses between this file and its sibling.

export { DurableObject } from "cloudflare:workers";

// The class that Durable Objects extend, typed so that only applications on Workers need Cloudflare's types.

import { DurableObject } from "#durable-object";

// biome-ignore lint/suspicious/noTsIgnore: where Cloudflare's types are, there is no error to expect.
/** @ts-ignore: programs without Cloudflare's types have no such module. The type is then an error that passes for `any`. */
type Imported = import("cloudflare:workers").DurableObject;
/** Cloudflare's own class wherever its types are installed, because its namespaces accept no other. */
type Instance = { of: 0 } extends { of: 1 & Imported } ? object : Imported;

/**
 * The class that Durable Objects extend. The type of its first argument differs between versions of Cloudflare's types.
 */
// biome-ignore lint/suspicious/noExplicitAny: the same, where an application extends these classes and passes both on.
export const DurableObjectClass = DurableObject as unknown as new (ctx: any, env: any) => Instance;

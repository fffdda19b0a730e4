// Declares for TypeScript the modules that package.json's "imports" select by condition. "paths" would not do: bundlers
// read it too, and would use one host's file on every host.

declare module "#wasm" {
  /** Returns the compiled wasm. Workers have it already; other hosts compile it. */
  export function loadModule(): WebAssembly.Module;
}

declare module "#keys" {
  /** The compiled module of `keys`. */
  export function loadModule(): WebAssembly.Module;
}

declare module "#durable-object" {
  export { DurableObject } from "cloudflare:workers";
}

// The modules that package.json's "imports" choose by condition, for TypeScript. They are not declared by "paths",
// because bundlers read those too, and would take one host's file for every host.

declare module "#wasm" {
  /** Gives the compiled wasm. Workers have it already, other hosts compile it. */
  export function loadModule(): WebAssembly.Module;
}

declare module "#keys" {
  /** The compiled module of `keys`. */
  export function loadModule(): WebAssembly.Module;
}

declare module "#durable-object" {
  export { DurableObject } from "cloudflare:workers";
}

// The choice of who does the arithmetic of key pairs. A separate file, so that the package's types need no `lib` of
// browsers.

/**
 * - `"auto"`: the host where it is faster, the wasm for the rest
 * - `"node"`: `node:crypto` where the host has it
 * - `"webcrypto"`: WebCrypto in `signAsync` and `verifyAsync`, the wasm in calls that do not wait
 * - `"wasm"`: always the wasm
 *
 * The wasm does whatever the chosen back end cannot do.
 */
export type Backend = "auto" | "node" | "webcrypto" | "wasm";

const BACKENDS: readonly Backend[] = ["auto", "node", "webcrypto", "wasm"];
// One choice for the whole process. It is read at each call, so a change counts from the next call on.
let chosen: Backend = "auto";

/** Chooses who does the arithmetic of key pairs. Default "auto". Throws a `TypeError` for any other name. */
export function setBackend(choice: Backend): void {
  if (!BACKENDS.includes(choice)) throw new TypeError('the backend must be "auto", "node", "webcrypto" or "wasm"');
  chosen = choice;
}

/** Whether a back end is the chosen one, or may be. */
export function mayUse(backend: Exclude<Backend, "auto">): boolean {
  return chosen === "auto" || chosen === backend;
}

/** Whether a back end was asked for by name. */
export function isForced(backend: Exclude<Backend, "auto">): boolean {
  return chosen === backend;
}

// Who does the arithmetic of key pairs. In a file of its own, so that the types of the package need no `lib` of browsers.

/** The host where it can, or always the wasm. */
export type Backend = "auto" | "wasm";

let chosen: Backend = "auto";

/** Chooses who does the arithmetic of key pairs. Default "auto". Throws a `TypeError` for any other name. */
export function setBackend(choice: Backend): void {
  if (choice !== "auto" && choice !== "wasm") throw new TypeError('setBackend takes "auto" or "wasm"');
  chosen = choice;
}

/** Whether the host may be asked. */
export function mayUseHost(): boolean {
  return chosen === "auto";
}

// Where wasm comes from. Apart from what compiles it, so that the types of the package need no `lib` of browsers.

/** A compiled module of any realm, or the bytes of one. */
export type WasmSource = ArrayBuffer | ArrayBufferView | object;

/** The modules to compile. `keys` is compiled at its first use where it is left out. */
export interface WasmSources {
  readonly core: WasmSource;
  /** For key pairs and JWKs: `tandem-jwt/keys.wasm`. */
  readonly keys?: WasmSource | undefined;
}

/**
 * Compiles `tandem-jwt/core.wasm`, and `keys.wasm` where it is given, ahead of the first call, off the main thread where the
 * host can. An instance that runs already is kept.
 */
export type Init = (source: WasmSource | WasmSources) => Promise<void>;

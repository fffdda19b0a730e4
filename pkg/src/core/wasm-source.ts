// Where wasm comes from. A separate file, so that the package's types do not need the DOM `lib`.

/** A compiled module of any realm, or its bytes. */
export type WasmSource = ArrayBuffer | ArrayBufferView | object;

/** The modules to compile. If `keys` is omitted, it is compiled at its first use. */
export interface WasmSources {
  readonly core: WasmSource;
  /** For key pairs and JWKs: `tandem-jwt/keys.wasm`. */
  readonly keys?: WasmSource | undefined;
}

/**
 * Compiles `tandem-jwt/core.wasm`, and `keys.wasm` if given, before the first call, off the main thread if the host
 * supports that. A running instance is kept.
 */
export type Init = (source: WasmSource | WasmSources) => Promise<void>;

/** The wasm as a file of its own: it comes when it is needed, and compiles while it comes. */
let compiled: Promise<WebAssembly.Module> | undefined;

export function wasm(): Promise<WebAssembly.Module> {
  compiled ??= compile();
  return compiled;
}

async function compile(): Promise<WebAssembly.Module> {
  const response = await fetch("tandem.wasm");
  if (!response.ok) throw new Error(`tandem.wasm: ${response.status}`);
  // Only a file that is served as application/wasm can be compiled as it comes; not every static host does so.
  return response.headers.get("content-type")?.startsWith("application/wasm") === true
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

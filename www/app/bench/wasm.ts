/** The wasm modules as separate files: each is loaded when it is needed, and compiled while it downloads. */
type Name = "core" | "keys";

/** Each module once, even while it is still loading. */
const compiled = new Map<Name, Promise<WebAssembly.Module>>();

/** The compiled module. Rejects if the file cannot be loaded; the next call tries again. */
export function wasm(name: Name): Promise<WebAssembly.Module> {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const module = compile(`${name}.wasm`);
  compiled.set(name, module);
  // A network that fails now may work next time.
  module.catch(() => compiled.delete(name));
  return module;
}

async function compile(name: string): Promise<WebAssembly.Module> {
  const response = await fetch(name);
  // Otherwise an error page would be compiled, and fail with a confusing message about bytes.
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  // Only a file served as application/wasm can be compiled while it downloads, and not every static host serves it so.
  return response.headers.get("content-type")?.startsWith("application/wasm") === true
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

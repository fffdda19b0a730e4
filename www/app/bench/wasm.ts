/** The modules of wasm, as files of their own: each comes when it is needed, and compiles while it comes. */
type Name = "core" | "keys";

/** Each module once, also while it is on its way. */
const compiled = new Map<Name, Promise<WebAssembly.Module>>();

/** The compiled module. Rejects where the file does not arrive, and tries again at the next call. */
export function wasm(name: Name): Promise<WebAssembly.Module> {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const module = compile(`${name}.wasm`);
  compiled.set(name, module);
  // A network that fails now may not fail the next time.
  module.catch(() => compiled.delete(name));
  return module;
}

async function compile(name: string): Promise<WebAssembly.Module> {
  const response = await fetch(name);
  // An error page would otherwise be compiled, and fail with words about bytes.
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  // Only a file that is served as application/wasm can be compiled as it comes; not every static host does so.
  return response.headers.get("content-type")?.startsWith("application/wasm") === true
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

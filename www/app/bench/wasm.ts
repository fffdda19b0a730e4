/** Both modules of wasm, as files of their own: they come when they are needed, and compile while they come. */
interface Modules {
  readonly core: WebAssembly.Module;
  readonly keys: WebAssembly.Module;
}

let compiled: Promise<Modules> | undefined;

export function wasm(): Promise<Modules> {
  compiled ??= compileBoth();
  return compiled;
}

async function compileBoth(): Promise<Modules> {
  const [core, keys] = await Promise.all([compile("core.wasm"), compile("keys.wasm")]);
  return { core, keys };
}

async function compile(name: string): Promise<WebAssembly.Module> {
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  // Only a file that is served as application/wasm can be compiled as it comes; not every static host does so.
  return response.headers.get("content-type")?.startsWith("application/wasm") === true
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

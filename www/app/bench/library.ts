/**
 * The package in two steps. The part for secrets is loaded with the bench; the rest, which is most of the size, is
 * loaded with the first key that is not a secret.
 */
import { init, sign, verify } from "tandem-jwt/lite";
import { wasm } from "./wasm.js";

type Whole = typeof import("./every-key.js");

let whole: Whole | undefined;
/** One shared fetch, however many callers. */
let coming: Promise<Whole> | undefined;

/** Starts the wasm for secrets. Rejects if it cannot be loaded. */
export async function startWithSecrets(): Promise<void> {
  await init(await wasm("core"));
}

/** Loads what every other key needs. */
export function everyKey(): Promise<Whole> {
  coming ??= bring();
  return coming;
}

async function bring(): Promise<Whole> {
  try {
    const [found, core, keys] = await Promise.all([import("./every-key.js"), wasm("core"), wasm("keys")]);
    await found.init({ core, keys });
    whole = found;
    return found;
  } catch (error) {
    // The next call tries again, because the network may be back.
    coming = undefined;
    throw error;
  }
}

/** The whole package. Throws if it is not loaded yet. */
export function arrived(): Whole {
  if (whole === undefined) throw new Error("only secrets can be used so far");
  return whole;
}

/** Signs and verifies with what is loaded. Until the rest is, any key but a secret gives `ERR_KEY_UNSUPPORTED`. */
export function library(): Pick<Whole, "sign" | "verify"> {
  // The types of the smaller package allow only secrets; at run time it refuses other keys.
  return whole ?? ({ sign, verify } as unknown as Pick<Whole, "sign" | "verify">);
}

/** Whether a key was refused only because the rest is not loaded. */
export function wantsEveryKey(error: unknown): boolean {
  return whole === undefined && (error as { code?: unknown } | null)?.code === "ERR_KEY_UNSUPPORTED";
}

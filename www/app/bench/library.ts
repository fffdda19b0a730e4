/**
 * The package in two steps. What secrets need comes with the bench; the rest, which is most of the weight, comes with
 * the first key that is no secret.
 */
import { init, sign, verify } from "tandem-jwt/lite";
import { wasm } from "./wasm.js";

type Whole = typeof import("./every-key.js");

let whole: Whole | undefined;
/** One fetch, however many ask for it. */
let coming: Promise<Whole> | undefined;

/** Starts the wasm for secrets. Rejects where it does not arrive. */
export async function startWithSecrets(): Promise<void> {
  await init(await wasm("core"));
}

/** Brings what every other key needs. */
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
    // The next call tries again: a network that was away comes back.
    coming = undefined;
    throw error;
  }
}

/** The whole package. Throws before it is here. */
export function arrived(): Whole {
  if (whole === undefined) throw new Error("only secrets can be used so far");
  return whole;
}

/** Signs and verifies with what is here. Before the rest is, any key but a secret is `ERR_KEY_UNSUPPORTED`. */
export function library(): Pick<Whole, "sign" | "verify"> {
  // The types of the smaller one know secrets alone; what it does with other keys is to refuse them.
  return whole ?? ({ sign, verify } as unknown as Pick<Whole, "sign" | "verify">);
}

/** Whether a refusal is for want of the rest. */
export function wantsEveryKey(error: unknown): boolean {
  return whole === undefined && (error as { code?: unknown } | null)?.code === "ERR_KEY_UNSUPPORTED";
}

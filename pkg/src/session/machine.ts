// Calls into the wasm: an answer begins with 0 and the value, or with 1 and the code of an error. Traps replace the
// instance.

import { type Keys as Core, keys as core } from "../core/keys.js";
import { TextDecoder } from "../core/text.js";
import { SessionError, type SessionErrorCode } from "./errors.js";
import { type Epoch, subjectEpoch } from "./store.js";

/** Calls the wasm. */
export function machine(call: (core: Core) => Uint8Array): Uint8Array {
  const { refused, value } = answerOf(call);
  if (refused) throw refusal(decode(value));
  return value;
}

/** Calls the wasm for text. */
export function machineText(call: (core: Core) => Uint8Array): string {
  return decode(machine(call));
}

/** Calls the wasm for text, and gives the code of what it refuses. */
export function attempt(
  call: (core: Core) => Uint8Array,
): { value: string; code?: never } | { code: SessionErrorCode } {
  const { refused, value } = answerOf(call);
  return refused ? { code: decode(value) as SessionErrorCode } : { value: decode(value) };
}

/** Whether a session lives, as its record and epoch say. */
export function lives(record: Uint8Array, epoch: Epoch, now: number, policy: Uint8Array): boolean {
  const { value, keep, keptFrom } = subjectEpoch(epoch);
  return machine((core) => core.session_lives(record, value, keep, keptFrom ?? 0, now, policy))[0] === 1;
}

function answerOf(call: (core: Core) => Uint8Array): { refused: boolean; value: Uint8Array } {
  let answer: Uint8Array;
  try {
    answer = call(core.exports());
  } catch (thrown) {
    core.isDoubted = true;
    throw core.recover(thrown);
  }
  return { refused: answer[0] !== 0, value: answer.subarray(1) };
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

// A policy is refused with a sentence that names the option, everything else with a code.
function refusal(text: string): SessionError {
  if (!text.startsWith("ERR_")) return new SessionError("ERR_SESSION_OPTIONS", text);
  const code = text as SessionErrorCode;
  return new SessionError(code, MESSAGES[code] ?? "the session machine refused this");
}

const MESSAGES: { readonly [Code in SessionErrorCode]?: string } = {
  ERR_SESSION_TOO_LARGE: "the session does not fit: claims and device take 2 KB at most, everything together 4 KB",
  ERR_SESSION_RECORD: "the store gave a record that is none of this version's",
  ERR_SESSION_COMMAND: "the bytes are no command or outcome of this version",
  ERR_CLAIMS: "claims must be a plain object",
  ERR_SCOPE: "scope must be names with single spaces between them (RFC 6749 section 3.3)",
  ERR_SECRET_TOO_SHORT: "a secret must be at least 32 bytes (RFC 7518 section 3.2)",
  ERR_KEY_INVALID: "the key is not usable, or not for this",
  ERR_KEY_UNSUPPORTED: "keys of this type or form, or this algorithm, are not supported",
  ERR_KEY_PASSPHRASE: "the key is encrypted: decrypt it first",
  ERR_KEY_TOO_LARGE: "the key is longer than 64 KiB",
  ERR_KID_INVALID: "a kid must be 1 to 64 bytes, no two keys may share one, and none that is retired may still verify",
  ERR_RANDOM_UNAVAILABLE: "the host gave no random bytes",
};

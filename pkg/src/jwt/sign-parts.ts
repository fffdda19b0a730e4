// From the bytes of a header and a payload to a token.

import { type ErrorCode, tandemError } from "../core/errors.js";
import type { Instance } from "../core/instance.js";
import { cannotServe, keyError } from "./key-fit.js";

/** A header and a payload, one after the other. */
export function joined(head: Uint8Array, body: Uint8Array): Uint8Array {
  const both = new Uint8Array(head.length + body.length);
  both.set(head);
  both.set(body, head.length);
  return both;
}

/** Runs a call that leaves a token in the output, and reads it. */
export function tokenOf(home: Instance, call: () => number): string {
  let length: number;
  try {
    length = call();
  } catch (error) {
    home.isDoubted = true;
    throw home.recover(error);
  }
  // A token is ASCII. A negative length is the number of an error.
  if (length >= 0) return home.buffers.readAscii(length);
  home.buffers.release();
  const code = home.exports().error_code(length) as ErrorCode;
  if (code === "ERR_JWT_TOO_LARGE") throw tandemError(code, "the token would be longer than 8 MiB");
  if (code === "ERR_RANDOM_UNAVAILABLE") throw tandemError(code, "the host gave no random bytes");
  // What is left is the key's own limits, such as those of a JWK, or a secret shorter than its hash.
  throw keyError(
    cannotServe("secretOrPrivateKey", length, home),
    code === "ERR_KEY_TOO_SHORT" ? code : "ERR_KEY_INVALID",
  );
}

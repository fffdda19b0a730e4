// From the bytes of a header and a payload to a token: the host signs where it can, else the wasm.

import { encodeBase64url } from "../core/base64.js";
import { readAscii, release, writeBytes } from "../core/buffers.js";
import { type ErrorCode, tandemError } from "../core/errors.js";
import { core, doubt, recover } from "../core/instance.js";
import { ALGORITHMS } from "./algorithms.js";
import { signByNode } from "./host.js";
import type { Key } from "./key.js";
import { cannotServe, keyError } from "./key-fit.js";
import { liveHandle } from "./owned-keys.js";

/** The token of a header and a payload, signed by a private key: by the host where it can, else by the wasm. */
export function signParts(head: Uint8Array, body: Uint8Array, alg: string, key: Key): string {
  const signed = tokenByNode(head, body, alg, key);
  if (signed !== undefined) return signed;
  const handle = liveHandle(key);
  const both = joined(head, body);
  return tokenOf(() => core().any_sign(handle, ALGORITHMS.indexOf(alg), head.length, writeBytes(both) - head.length));
}

/** A header and a payload, one after the other. */
export function joined(head: Uint8Array, body: Uint8Array): Uint8Array {
  const both = new Uint8Array(head.length + body.length);
  both.set(head);
  both.set(body, head.length);
  return both;
}

/** The token, signed by the host; undefined where the host cannot. */
function tokenByNode(head: Uint8Array, body: Uint8Array, alg: string, key: Key): string | undefined {
  if (typeof Buffer === "undefined" || typeof Buffer.prototype?.latin1Slice !== "function") return undefined;
  if (head.length + body.length > MAX_SIGNED_BY_HOST) return undefined;
  const input = `${encodeBase64url(head)}.${encodeBase64url(body)}`;
  const signature = signByNode(key, alg, Buffer.from(input, "latin1"));
  return signature && `${input}.${encodeBase64url(signature)}`;
}

/** In bytes. Larger payloads go through the wasm, which enforces the limits. */
const MAX_SIGNED_BY_HOST = 1 << 20;

/** Runs a call that leaves a token in the output buffer, and reads the token. */
export function tokenOf(call: () => number): string {
  let length: number;
  try {
    length = call();
  } catch (error) {
    doubt.raised = true;
    throw recover(error);
  }
  if (length >= 0) return readAscii(length);
  release();
  const code = core().error_code(length) as ErrorCode;
  if (code === "ERR_JWT_TOO_LARGE") throw tandemError(code, "the token would be longer than 8 MiB");
  if (code === "ERR_RANDOM_UNAVAILABLE") throw tandemError(code, "the host gave no random bytes");
  throw keyError(cannotServe("secretOrPrivateKey", length), code === "ERR_KEY_TOO_SHORT" ? code : "ERR_KEY_INVALID");
}

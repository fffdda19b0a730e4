// From a header, claims and a key to the token, signed by the wasm or by the host.

import { encodeBase64url } from "../core/base64.js";
import { readAscii, release, writeBytes, writeText } from "../core/buffers.js";
import { type ErrorCode, tandemError } from "../core/errors.js";
import { core, doubt, recover } from "../core/instance.js";
import { TextEncoder } from "../core/text.js";
import { withCode } from "../core/with-code.js";
import { ALGORITHMS } from "./algorithms.js";
import { headerText } from "./header.js";
import { signByNode } from "./host.js";
import type { Key } from "./key.js";
import { cannotServe, keyError } from "./key-fit.js";
import { liveHandle } from "./owned-keys.js";
import { payloadBytes, payloadText } from "./payload.js";
import type { JwtHeader } from "./types.js";

/** All that is decided before anything is signed. */
export interface Prepared {
  readonly header: JwtHeader;
  /** Whether the header is `{"alg":…,"typ":"JWT"}`, which the wasm keeps encoded. */
  readonly isDefault: boolean;
  readonly claims: unknown;
  /** How the payload's text becomes bytes. */
  readonly encoding: string | undefined;
  /** Undefined for an unsecured token. */
  readonly bound: Key | undefined;
  /** Finds the key again if the caller's code, such as a `toJSON`, has driven it out of its cache meanwhile. */
  readonly rebind: () => Key | undefined;
}

/** The token. For a key that WebCrypto holds, leave out `bound`: the token then lacks its signature. */
export function encode({ header, isDefault, claims, encoding, bound, rebind }: Prepared): string {
  const algorithm = ALGORITHMS.indexOf(header.alg);
  if (algorithm < 0 && header.alg !== "none") throw unknownAlgorithm(header.alg);
  const text = payloadText(claims);
  // From here on none of the caller's code runs, so the key stays where it is.
  const key = bound && rebind();
  const handle = key ? liveHandle(key) : -1;
  const isUtf8 = encoding === undefined || encoding === "utf8";
  if (key && key.type === "secret" && isDefault && isUtf8)
    return readToken(() => core().hmac_sign(handle, algorithm, 0, writeText(text)));
  const head = new TextEncoder().encode(headerText(header));
  const body = payloadBytes(text, encoding);
  const signed = key?.type === "private" ? tokenByNode(head, body, header.alg, key) : undefined;
  if (signed !== undefined) return signed;
  const both = new Uint8Array(head.length + body.length);
  both.set(head);
  both.set(body, head.length);
  return readToken(() => {
    const length = writeBytes(both);
    const rest = length - head.length;
    if (!key) return core().unsecured(head.length, rest);
    return key.type === "secret"
      ? core().hmac_sign(handle, algorithm, head.length, rest)
      : core().any_sign(handle, algorithm, head.length, rest);
  });
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
function readToken(call: () => number): string {
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

function unknownAlgorithm(alg: string): Error {
  const error = new TypeError(
    `"${alg}" is not a valid algorithm.\n  Supported algorithms are:\n  "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", ` +
      '"PS256", "PS384", "PS512", "ES256", "ES384", "ES512" and "none".',
  );
  return withCode(error, "ERR_JWT_ALGORITHM");
}

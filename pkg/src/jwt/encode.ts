// From a header, claims and a key to the token.

import { core } from "../core/core.js";
import { TextEncoder } from "../core/text.js";
import { withCode } from "../core/with-code.js";
import { ALGORITHMS } from "./algorithms.js";
import { headerText } from "./header.js";
import type { Key } from "./key.js";
import { liveHandle } from "./owned-keys.js";
import { payloadBytes, payloadText } from "./payload.js";
import { joined, tokenOf } from "./sign-parts.js";
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
  // A `toJSON` may have signed with hundreds of other secrets and so driven this key out of its cache. Its handle could
  // by now be another tenant's secret. From here on none of the caller's code runs, so the key stays where it is.
  const key = bound && rebind();
  const handle = key ? liveHandle(key) : -1;
  const home = key?.home ?? core;
  const { buffers } = home;
  const isUtf8 = encoding === undefined || encoding === "utf8";
  // The wasm knows the default headers in base64url, so only the payload has to cross.
  if (key && key.type === "secret" && isDefault && isUtf8)
    return tokenOf(home, () => home.exports().hmac_sign(handle, algorithm, 0, buffers.writeText(text)));
  const head = new TextEncoder().encode(headerText(header));
  const body = payloadBytes(text, encoding);
  if (key?.type === "private" && key.arithmetic) return key.arithmetic.signParts(head, body, header.alg, key);
  const { length } = head;
  const both = joined(head, body);
  return tokenOf(home, () => {
    const rest = buffers.writeBytes(both) - length;
    return key ? home.exports().hmac_sign(handle, algorithm, length, rest) : core.exports().unsecured(length, rest);
  });
}

/** The error of npm jws, letter for letter: programs compare the message. `code` is ours. */
function unknownAlgorithm(alg: string): Error {
  const error = new TypeError(
    `"${alg}" is not a valid algorithm.\n  Supported algorithms are:\n  "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", ` +
      '"PS256", "PS384", "PS512", "ES256", "ES384", "ES512" and "none".',
  );
  return withCode(error, "ERR_JWT_ALGORITHM");
}

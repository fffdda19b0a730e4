// Headers that were read before. An issuer writes the same header into every token, letter for letter, so its text can
// stand for its meaning.

import { ALGORITHMS } from "./algorithms.js";
import { Recent } from "./key-cache.js";
import type { JwtHeader } from "./types.js";

/** The members of a header that a verification needs. */
export interface KnownHeader {
  readonly alg: string;
  readonly kid: string | undefined;
  /** The number of the algorithm. */
  readonly algorithm: number;
}

/** In characters. Longer headers are parsed each time, so what is remembered stays under half a megabyte. */
const MAX_LENGTH = 512;
const known = new Recent<string, KnownHeader>(() => undefined);

/** The header that this encoded text stands for, if it is known. */
export function knownHeader(encoded: string): KnownHeader | undefined {
  return known.get(encoded);
}

/** Remembers the header of a token that verified. Only those: headers by strangers must not drive out an issuer's. */
export function rememberHeader(encoded: string, { alg, kid }: Pick<JwtHeader, "alg" | "kid">): void {
  // A `kid` that is not a string never names a key, and its header is not worth a place.
  const algorithm = ALGORITHMS.indexOf(alg);
  if (encoded.length > MAX_LENGTH || algorithm < 0 || (kid !== undefined && typeof kid !== "string")) return;
  // The fast path, which asks for headers, needs a Buffer too.
  if (typeof Buffer === "undefined" || known.get(encoded) !== undefined) return;
  // A copy, because a slice of a token keeps the whole token in memory.
  known.set(Buffer.from(encoded, "latin1").toString(), { alg, kid, algorithm });
}

// Headers that have been read before. An issuer writes the same header before every token, letter for letter, so its text says
// all that there is to know of it.

import { ALGORITHMS } from "./algorithms.js";
import { Recent } from "./key-cache.js";
import type { JwtHeader } from "./types.js";

/** What a verification needs of a header. */
export interface KnownHeader {
  readonly alg: string;
  readonly kid: string | undefined;
  /** The number of the algorithm. */
  readonly algorithm: number;
}

/** Longer headers are read anew each time. */
const MAX_LENGTH = 512;
const known = new Recent<string, KnownHeader>(() => undefined);

/** The header that this text, encoded as it stands in a token, is known to be. */
export function knownHeader(encoded: string): KnownHeader | undefined {
  return known.get(encoded);
}

/** Keeps a header of a token that was good: what strangers write must not drive out what issuers do. */
export function rememberHeader(encoded: string, { alg, kid }: Pick<JwtHeader, "alg" | "kid">): void {
  const algorithm = ALGORITHMS.indexOf(alg);
  if (encoded.length > MAX_LENGTH || algorithm < 0 || (kid !== undefined && typeof kid !== "string")) return;
  if (known.get(encoded) === undefined) known.set(encoded, { alg, kid, algorithm });
}

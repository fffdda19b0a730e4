// Whether a request proves that it holds the key of its token (RFC 9449). The wasm reads the proof, and the seam for
// signatures verifies it. Two checks need the host: URLs take its parser, and replays take a store.

import { invalidRequest, type SessionErrorCode, type TextOrCode } from "./errors.js";
import type { Issuer } from "./machine.js";
import { encoded } from "./message.js";
import { needsPairs } from "./pair-seam.js";
import type { Settings } from "./settings.js";
import type { SessionStore, Subject } from "./store.js";
import { available } from "./transact.js";
import type { DpopRequest } from "./types.js";

/** A proof that is valid, as long as it was not used before. */
export interface Proof {
  readonly jkt: string;
  readonly id: string;
  readonly until: number;
  readonly code?: never;
}

/** The settings of proofs: how long one is good, and the machine that makes nonces where they are required. */
export interface Judging extends Pick<Settings, "now" | "seam"> {
  readonly proofs: Pick<Settings["proofs"], "maxAge" | "noncePeriod">;
  readonly machine: Issuer | undefined;
}

/**
 * Uses a proof up. True if there was none, or if nobody had used it before. This writes, so everything else that could
 * refuse the request has to be checked first. Rejects with `ERR_STORE_UNAVAILABLE` if the store fails, or cannot
 * remember proofs.
 */
export async function useUp(
  { store }: { readonly store: Pick<SessionStore, "firstUse"> },
  proof: Proof | undefined,
  subject: Subject,
): Promise<boolean> {
  if (proof === undefined) return true;
  return available(async () => {
    if (store.firstUse === undefined) throw new TypeError("DPoP proofs need a store with a method firstUse");
    return store.firstUse(subject, proof.id, proof.until + CLOCKS_APART);
  });
}

/**
 * Checks the proof of a request, except whether it was used before; undefined where there is none. `accessToken` is the
 * token that came with it. Throws `ERR_SESSION_REQUEST` for a malformed request.
 */
export async function judge(
  judging: Judging,
  dpop: DpopRequest | undefined,
  accessToken?: string,
): Promise<Proof | { code: SessionErrorCode } | undefined> {
  const request = checked(dpop);
  if (request === undefined) return undefined;
  const { seam } = judging;
  if (seam === undefined) throw needsPairs("DPoP proofs");
  const { proof, method, url } = request;
  if (proof.length > LONGEST_PROOF) return { code: "ERR_DPOP_PROOF" };
  const { noncePeriod, maxAge } = judging.proofs;
  const now = judging.now();
  const message = encoded({ proof, method, now, accessToken, maxAge: noncePeriod === 0 ? maxAge : undefined });
  const read = seam.readProof(message);
  if (read.code !== undefined) return read;
  const said = JSON.parse(read.value) as Said;
  if (!(await seam.isProved(proof, said))) return { code: "ERR_DPOP_PROOF" };
  const good = said.nonce === undefined ? { value: String(said.until) } : goodUntil(judging, said.nonce, now);
  if (good.code !== undefined) return good;
  // The URL of the request was checked before, so an `htu` that does not parse cannot match it.
  if (targetOf(said.target) !== targetOf(url)) return { code: "ERR_DPOP_MISMATCH" };
  return { jkt: said.jkt, id: said.id, until: Number(good.value) };
}

/** A proof as it was parsed, with the algorithm and the key from its header. */
interface Said {
  readonly jkt: string;
  readonly target: string;
  readonly id: string;
  readonly until?: number;
  readonly nonce?: string;
  readonly alg: string;
  readonly jwk: object;
}

/** The longest proof, in characters: one by the largest ML-DSA key is shorter. */
const LONGEST_PROOF = 16 << 10;

/** Until when a nonce is good, if it is one of ours. */
function goodUntil({ machine, proofs }: Judging, nonce: string, now: number): TextOrCode {
  const message = encoded({ nonce, now, period: proofs.noncePeriod });
  return machine!.attempt((core, number) => core.session_nonce_until(number, message));
}

/** The nonce to give out, where nonces are required. */
export function currentNonce({ machine, proofs, now }: Judging): string | undefined {
  if (machine === undefined || proofs.noncePeriod === 0) return undefined;
  const message = encoded({ now: now(), period: proofs.noncePeriod });
  return machine.text((core, number) => core.session_nonce(number, message));
}

/** The answer to a bad proof: a refusal, or the nonce to use. Only the application learns the reason. */
export function proofRefused(
  settings: Settings,
  reason: SessionErrorCode,
  whose: { sid?: string; sub: string },
): { error: "invalid_dpop_proof" } | { error: "use_dpop_nonce"; dpopNonce: string } {
  settings.emit({ type: "dpop_refused", reason, ...whose });
  const nonce = reason === "ERR_DPOP_NONCE" ? currentNonce(settings) : undefined;
  return nonce === undefined ? { error: "invalid_dpop_proof" } : { error: "use_dpop_nonce", dpopNonce: nonce };
}

/** Seconds that a proof is remembered beyond its time, for a server whose clock is behind. */
const CLOCKS_APART = 60;

function checked(dpop: DpopRequest | undefined): { proof: string; method: string; url: string } | undefined {
  if (dpop === undefined) return undefined;
  const { proof, method, url } = dpop ?? {};
  if (typeof method !== "string" || method === "")
    throw invalidRequest("dpop.method must be the HTTP method of the request");
  if (typeof url !== "string" || targetOf(url) === undefined)
    throw invalidRequest("dpop.url must be the full http or https URL of the request");
  if (proof === null || proof === undefined) return undefined;
  if (typeof proof !== "string") throw invalidRequest("dpop.proof must be the DPoP header of the request, or null");
  return { proof, method, url };
}

/** A URL without query and fragment, in one spelling (RFC 3986 sections 6.2.2 and 6.2.3). */
function targetOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host, pathname, username, password } = new URL(url);
  if (!/^https?:$/.test(protocol) || username !== "" || password !== "") return undefined;
  const path = pathname.replace(/%[0-9a-f]{2}/gi, (encoded) => {
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : encoded.toUpperCase();
  });
  return `${protocol}//${host}${path}`;
}

// From an issuer to the address of its keys.

import { checkedUrl, type Fetch, type Fetched, fetchJson, unavailable } from "./fetch-json.js";

const A_DAY = 86_400;

/** Fetches the key set that the metadata of an issuer names. The address is asked for again after a day. */
export function discover(issuer: string, now: () => number): (timeout: number, fetcher: Fetch) => Promise<Fetched> {
  let known: { readonly url: string; readonly at: number } | undefined;
  return async (timeout, fetcher) => {
    // After a failure here the next try asks for the metadata again.
    if (!known || now() >= known.at + A_DAY) known = { url: await keysOf(issuer, timeout, fetcher), at: now() };
    try {
      return await fetchJson(known.url, timeout, fetcher);
    } catch (error) {
      // The address may have moved.
      known = undefined;
      throw error;
    }
  };
}

/**
 * The address of an issuer's keys. It may be on another host, but never on plain http: whoever sits on the line could
 * put in keys of their own.
 */
async function keysOf(issuer: string, timeout: number, fetcher: Fetch): Promise<string> {
  const { value } = await metadata(issuer, timeout, fetcher);
  const { issuer: named, jwks_uri: uri } = (value ?? {}) as { issuer?: unknown; jwks_uri?: unknown };
  // An exact comparison (RFC 8414 section 3.3). Otherwise one tenant's metadata could stand in for another's, and its
  // keys with it.
  if (named !== issuer) throw unavailable("the metadata is of another issuer");
  if (typeof uri !== "string") throw unavailable("the metadata names no jwks_uri");
  try {
    return checkedUrl(uri);
  } catch (error) {
    throw unavailable("the jwks_uri must be https", error);
  }
}

/**
 * OpenID Connect appends its path to the issuer's; RFC 8414 section 3.1 puts its own before it. The second is tried
 * only where the first is not there. Any other failure is the server's, and passed on.
 */
async function metadata(issuer: string, timeout: number, fetcher: Fetch): Promise<Fetched> {
  const { origin, pathname } = new URL(issuer);
  // A slash at the end belongs to the issuer's name, but would double in the address.
  const path = pathname.replace(/\/$/, "");
  try {
    return await fetchJson(`${origin}${path}/.well-known/openid-configuration`, timeout, fetcher);
  } catch (error) {
    if (!(error as Error).message.endsWith("status 404")) throw error;
    return fetchJson(`${origin}/.well-known/oauth-authorization-server${path}`, timeout, fetcher);
  }
}

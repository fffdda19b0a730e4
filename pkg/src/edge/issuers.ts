// The issuers whose tokens an API accepts: their keys, and the claims to compare.

import { type ChosenIssuer, type IssuerKeys, type ProtectOptions, protectOptionError } from "./protect-options.js";

/** Finds the keys for a token and the claims to compare. For a single issuer they are always the same. */
export function chooser({ issuer, algorithms, audience }: ProtectOptions): ChosenIssuer {
  if (typeof issuer !== "function") throw protectOptionError("issuer must be a key set, or the result of trustIssuers");
  if (!isKeySet(issuer)) {
    if (algorithms !== undefined || audience !== undefined)
      throw protectOptionError("with trustIssuers, algorithms and audience belong in its list");
    return (token) => {
      const chosen = issuer(token) as Partial<ReturnType<ChosenIssuer>> | undefined;
      if (!chosen?.key || !chosen.options?.issuer || !chosen.options.algorithms)
        throw protectOptionError("issuer must be a key set that names its issuer, or the result of trustIssuers");
      return { key: chosen.key, options: chosen.options };
    };
  }
  if (typeof issuer.issuer !== "string" || issuer.issuer === "")
    throw protectOptionError("the key set must name its issuer: remoteKeys(url, { issuer })");
  // The algorithms always come from the program: the token's header must not choose (RFC 8725 §3.1).
  if (!Array.isArray(algorithms) || algorithms.length === 0 || algorithms.includes("none"))
    throw protectOptionError('algorithms must be a list without "none"');
  // Must be given, even if only as null: otherwise a token for another API of the same issuer verifies too (RFC 8725
  // §3.9).
  const audiences = typeof audience === "string" ? [audience] : audience;
  const areNamed = Array.isArray(audiences) && audiences.every((name) => typeof name === "string" && name !== "");
  if (audiences !== null && !(areNamed && audiences.length > 0))
    throw protectOptionError("audience must be a string or an array of strings, or null for tokens without one");
  const chosen = {
    key: issuer,
    options: {
      issuer: issuer.issuer,
      algorithms: [...algorithms],
      ...(audiences !== null && { audience: [...audiences] as [string, ...string[]] }),
    },
  };
  return () => chosen;
}

/** The single issuer of a guard in a list. Throws if there may be several, or if another guard has the same issuer. */
export function nameOf({ issuer }: ProtectOptions, taken: ReadonlyMap<string, unknown>): string {
  if (!isKeySet(issuer) || issuer.issuer === undefined)
    throw protectOptionError("in a list, each issuer must be a key set that names its issuer");
  if (taken.has(issuer.issuer)) throw protectOptionError(`the list has ${issuer.issuer} twice`);
  return issuer.issuer;
}

function isKeySet(issuer: IssuerKeys | ChosenIssuer): issuer is IssuerKeys {
  return "issuer" in issuer;
}

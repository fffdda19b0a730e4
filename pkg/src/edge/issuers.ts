// The issuers whose tokens an API takes: their keys, and the claims to compare.

import { type ChosenIssuer, type IssuerKeys, type ProtectOptions, protectOptionError } from "./protect-options.js";

/** Finds the keys for a token and the claims to compare. For a single issuer they are always the same. */
export function chooser({ issuer, algorithms, audience }: ProtectOptions): ChosenIssuer {
  if (typeof issuer !== "function") throw protectOptionError("issuer must be a key set, or what trustIssuers made");
  if (!isKeySet(issuer)) {
    if (algorithms !== undefined || audience !== undefined)
      throw protectOptionError("algorithms and audience stand in the list of trustIssuers");
    return (token) => {
      const chosen = issuer(token) as Partial<ReturnType<ChosenIssuer>> | undefined;
      if (!chosen?.key || !chosen.options?.issuer || !chosen.options.algorithms)
        throw protectOptionError("issuer must be a key set that says whose it is, or what trustIssuers made");
      return { key: chosen.key, options: chosen.options };
    };
  }
  if (typeof issuer.issuer !== "string" || issuer.issuer === "")
    throw protectOptionError("the key set must say whose it is: remoteKeys(url, { issuer })");
  // Always a list of the program's: the header of a token must not choose (RFC 8725 §3.1).
  if (!Array.isArray(algorithms) || algorithms.length === 0 || algorithms.includes("none"))
    throw protectOptionError("algorithms must be a list, without none");
  // Has to be said, if only as null: a token for another API of the same issuer verifies here too (RFC 8725 §3.9).
  const audiences = typeof audience === "string" ? [audience] : audience;
  const areNamed = Array.isArray(audiences) && audiences.every((name) => typeof name === "string" && name !== "");
  if (audiences !== null && !(areNamed && audiences.length > 0))
    throw protectOptionError("audience must be text or a list of texts, or null where tokens have none");
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

/** The one issuer of a guard that stands in a list. Throws where there may be several, or another guard has it too. */
export function nameOf({ issuer }: ProtectOptions, taken: ReadonlyMap<string, unknown>): string {
  if (!isKeySet(issuer) || issuer.issuer === undefined)
    throw protectOptionError("in a list each issuer is a key set that says whose it is");
  if (taken.has(issuer.issuer)) throw protectOptionError(`the list has ${issuer.issuer} twice`);
  return issuer.issuer;
}

function isKeySet(issuer: IssuerKeys | ChosenIssuer): issuer is IssuerKeys {
  return "issuer" in issuer;
}

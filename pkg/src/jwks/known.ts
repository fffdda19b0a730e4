// From a preset to the keys of one issuer.

import type { Algorithm } from "../jwt/types.js";
import { keysError } from "./errors.js";
import type { Keys } from "./local.js";
import type { IssuerPreset } from "./presets.js";
import { type RemoteOptions, remoteKeys } from "./remote.js";

/** The keys and the algorithms of an issuer. */
export interface KnownIssuer {
  readonly issuer: Keys;
  readonly algorithms: Algorithm[];
}

/**
 * The keys of a well-known issuer: `words` go where its preset has braces. Spread it into the options of `protect`.
 * A word that is missing, or that could change what the address means, is an `ERR_JWT_OPTIONS`.
 */
export function knownIssuer(
  preset: IssuerPreset,
  words: Readonly<Record<string, string>> = {},
  options: Omit<RemoteOptions, "issuer"> = {},
): KnownIssuer {
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const word = Object.hasOwn(words, name) ? words[name] : undefined;
      // Names of hosts, with a port for those of your own, of realms, tenants and projects. A slash, an `@` or a `#`
      // would lead the address to another host, and dots alone would climb out of the path.
      if (typeof word !== "string" || !/^[\w.~-]+(:\d+)?$/.test(word) || /^\.+$/.test(word))
        throw keysError("ERR_JWT_OPTIONS", `the issuer needs ${name}: letters, digits and -._~`);
      return word;
    });
  const issuer = fill(preset.issuer);
  return { issuer: remoteKeys(fill(preset.jwks), { ...options, issuer }), algorithms: [...preset.algorithms] };
}

// The public keys of other systems, which verify the tokens that those systems signed.

export {
  forExpressJwt,
  forJsonwebtoken,
  forPassportJwt,
  type JwksClient,
  jwksClient,
  type SigningKey,
} from "./adapters.js";
export { cacheApi, type KeySetCache } from "./cache.js";
export type { Fetch } from "./fetch-json.js";
export type { KeyHeader, SetKey, VerificationKey } from "./key-set.js";
export { type KnownIssuer, knownIssuer } from "./known.js";
export { type Keys, localKeys } from "./local.js";
export { ISSUERS, type IssuerPreset } from "./presets.js";
export { type KeySetEvent, type RemoteOptions, remoteKeys } from "./remote.js";
export { type Trust, type TrustedIssuer, trustIssuers } from "./trust.js";

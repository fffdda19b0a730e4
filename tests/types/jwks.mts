// Key sets fit the functions that they are meant for.

import jwt, { verifyAsync } from "tandem-jwt";
import { ISSUERS, type KeySetCache, localKeys, remoteKeys, trustIssuers } from "tandem-jwt/jwks";

declare const token: string;
declare const namespace: KeySetCache;

const keys = remoteKeys.ofIssuer("https://id.example/", { cache: namespace, on: ({ type }) => console.log(type) });
await verifyAsync(token, keys, { algorithms: ["RS256"] });
await verifyAsync(token, localKeys({ keys: [] }), { algorithms: ["RS256"] });
jwt.verify(token, keys.callback, { algorithms: ["RS256"] }, (error, claims) => console.log(error, claims));
const here = keys.sync({ alg: "RS256", kid: "k" });
if (here !== undefined) jwt.verify(token, here);

const { issuer, algorithms } = ISSUERS.entraV2;
const { key, options } = trustIssuers([{ issuer, algorithms, keys, tenants: ["t"] }])(token);
await verifyAsync(token, key, options);

// @ts-expect-error: no such algorithm
trustIssuers([{ issuer, algorithms: ["RS1"], keys }]);
// @ts-expect-error: a time is a number of seconds
remoteKeys("https://id.example/", { timeout: "5s" });

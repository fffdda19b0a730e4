// Key sets fit the functions that they are meant for.

import jwt, { verifyAsync } from "tandem-jwt";
import { type Guarded, protect } from "tandem-jwt/edge";
import { ISSUERS, type KeySetCache, knownIssuer, localKeys, remoteKeys, trustIssuers } from "tandem-jwt/jwks";

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

declare const request: Request;
const guard = protect({
  ...knownIssuer(ISSUERS.cognito, { region: "eu-west-1", userPoolId: "eu-west-1_x" }),
  audience: null,
  accept: ({ token_use }) => token_use === "access",
  on: (event) => console.log(event.type === "refused" ? event.reason : event.error),
});
const guarded: Guarded = await guard(request, { scope: "read" });
// One look at `response` decides which of the two it is.
const shown: string | undefined = guarded.response ? guarded.response.statusText : guarded.claims.sub;
const { response, claims } = await guard({ headers: new Headers() });
const told: Response = response ?? Response.json({ sub: claims.sub, shown });
protect({ issuer: keys, algorithms: ["ES256"], audience: ["a", "b"] });
protect({ issuer: trustIssuers([]) });

// @ts-expect-error: who signs has to be named
protect({ audience: told.url });
// @ts-expect-error: no such algorithm
protect({ issuer: keys, algorithms: ["RS1"], audience: "a" });

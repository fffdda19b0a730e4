/** `protect` with proofs of possession: the requirements of RFC 9449 for a resource server. */
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, randomUUID } from "node:crypto";
import { test } from "node:test";
import jwt, { thumbprint } from "tandem-jwt";
import { protect } from "tandem-jwt/edge";
import { localKeys } from "tandem-jwt/jwks";
import { memoryStore } from "tandem-jwt/session";
import { keyPair } from "../jwks/issuer.mjs";

const ISSUER = "https://id.example/";
const API = "https://api.example";
const NOW = 1_800_000_000;
const NONCE_KEY = "a key for nonces, of 32 bytes or more";
const rsa = keyPair("rsa");
const keys = localKeys({ keys: [rsa.jwk] }, { issuer: ISSUER });
const client = holder();
const claims = { iss: ISSUER, aud: API, sub: "ada", scope: "read", iat: NOW, exp: NOW + 900 };
const bound = rsa.sign({ ...claims, cnf: { jkt: client.jkt } });
const unbound = rsa.sign(claims);

/** Somebody who holds a key. */
function holder() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = publicKey.export({ format: "jwk" });
  return {
    jkt: thumbprint(publicKey),
    /** A proof for a request with a token; `change` has other claims, undefined leaves one out. */
    proof(token, change = {}, header = {}) {
      const ath = createHash("sha256").update(token).digest("base64url");
      const payload = { jti: randomUUID(), htm: "GET", htu: `${API}/me`, iat: NOW, ath, ...change };
      return jwt.sign(JSON.parse(JSON.stringify(payload)), privateKey, {
        algorithm: "ES256",
        header: { typ: "dpop+jwt", jwk, ...header },
      });
    },
  };
}

function made(dpop = {}, change = {}) {
  const events = [];
  const guard = protect({
    issuer: keys,
    algorithms: ["RS256"],
    audience: API,
    now: () => NOW,
    on: ({ type, reason }) => events.push(reason ?? type),
    dpop: { store: memoryStore({ nowMs: () => NOW * 1000 }), origin: API, ...dpop },
    ...change,
  });
  return { guard, events };
}

const request = (scheme, token, proof, url = `${API}/me`) =>
  new Request(url, { headers: { authorization: `${scheme} ${token}`, ...(proof !== undefined && { dpop: proof }) } });
const proven = (proof = client.proof(bound)) => request("DPoP", bound, proof);

async function shown({ response, claims: found }) {
  if (!response) return found.sub;
  const { error } = await response.json();
  return [response.status, error, response.headers.get("www-authenticate")];
}

const BAD_PROOF = [401, "invalid_dpop_proof", 'DPoP error="invalid_dpop_proof"'];
const invalid = (scheme) => [401, "invalid_token", `${scheme} error="invalid_token"`];

test("a token that is bound passes with a proof by its key, and a token that is not passes without", async () => {
  const { guard, events } = made();
  assert.equal(await shown(await guard(proven())), "ada");
  assert.equal(await shown(await guard(request("dpop", bound, client.proof(bound)))), "ada");
  assert.equal(await shown(await guard(request("Bearer", unbound))), "ada");
  assert.deepEqual(events, []);
});

test("neither passes for the other", async () => {
  const { guard, events } = made();
  assert.deepEqual(await shown(await guard(request("Bearer", bound))), invalid("Bearer"));
  assert.deepEqual(await shown(await guard(request("Bearer", bound, client.proof(bound)))), invalid("Bearer"));
  assert.deepEqual(await shown(await guard(request("DPoP", unbound, client.proof(unbound)))), invalid("DPoP"));
  // Bound to a certificate (RFC 8705), which nothing here checks.
  const other = rsa.sign({ ...claims, cnf: { "x5t#S256": "x" } });
  for (const scheme of ["Bearer", "DPoP"])
    assert.deepEqual(await shown(await guard(request(scheme, other, client.proof(other)))), invalid(scheme));
  assert.deepEqual(
    events,
    Array.from({ length: 5 }, () => "ERR_JWT_BOUND"),
  );
});

test("a proof is for this method, address, token and time, by the key of the token", async () => {
  const { guard, events } = made();
  const thief = holder();
  const bad = {
    "no proof": [undefined, "ERR_DPOP_PROOF"],
    "no token": ["x", "ERR_DPOP_PROOF"],
    "two proofs": [`${client.proof(bound)}, ${client.proof(bound)}`, "ERR_DPOP_PROOF"],
    "another type": [client.proof(bound, {}, { typ: "JWT" }), "ERR_DPOP_PROOF"],
    "another key": [thief.proof(bound), "ERR_DPOP_KEY"],
    "another method": [client.proof(bound, { htm: "POST" }), "ERR_DPOP_MISMATCH"],
    "another path": [client.proof(bound, { htu: `${API}/you` }), "ERR_DPOP_MISMATCH"],
    "another host": [client.proof(bound, { htu: "https://other.example/me" }), "ERR_DPOP_MISMATCH"],
    "another token": [client.proof(unbound), "ERR_DPOP_MISMATCH"],
    "without ath": [client.proof(bound, { ath: undefined }), "ERR_DPOP_MISMATCH"],
    "without jti": [client.proof(bound, { jti: undefined }), "ERR_DPOP_PROOF"],
    old: [client.proof(bound, { iat: NOW - 61 }), "ERR_DPOP_EXPIRED"],
    "of tomorrow": [client.proof(bound, { iat: NOW + 3600 }), "ERR_DPOP_EXPIRED"],
  };
  for (const [what, [proof, reason]] of Object.entries(bad)) {
    assert.deepEqual(await shown(await guard(request("DPoP", bound, proof))), BAD_PROOF, what);
    assert.deepEqual(events.splice(0), [reason], what);
  }
  // The client chooses the Host header, so the address is not taken from it.
  const elsewhere = client.proof(bound, { htu: "https://evil.example/me" });
  assert.deepEqual(await shown(await guard(request("DPoP", bound, elsewhere, "https://evil.example/me"))), BAD_PROOF);
  const query = request("DPoP", bound, client.proof(bound), `${API}/me?page=2`);
  assert.equal(await shown(await guard(query)), "ada", "the query does not count");
});

test("a proof is good once, on whichever server", async () => {
  const store = memoryStore({ nowMs: () => NOW * 1000 });
  const [one, other] = [made({ store }), made({ store })];
  const proof = client.proof(bound);
  const answers = await Promise.all([one, other, one, other].map(({ guard }) => guard(proven(proof)).then(shown)));
  assert.equal(answers.filter((answer) => answer === "ada").length, 1);
  assert.deepEqual(
    answers.filter((answer) => answer !== "ada"),
    [BAD_PROOF, BAD_PROOF, BAD_PROOF],
  );
  assert.ok([...one.events, ...other.events].every((reason) => reason === "ERR_DPOP_REPLAYED"));
});

test("a request that gets nothing uses up no proof", async () => {
  const { guard } = made();
  const proof = client.proof(bound);
  const poor = await shown(await guard(proven(proof), { scope: "admin" }));
  assert.deepEqual(poor, [403, "insufficient_scope", 'DPoP error="insufficient_scope", scope="admin"']);
  assert.equal(await shown(await guard(proven(proof))), "ada");
});

test("nonces: asked for, good for two stretches, the same on all servers with the same keys", async () => {
  const dpop = { nonces: "5m", nonceKeys: NONCE_KEY };
  const { guard, events } = made(dpop);
  const { response } = await guard(proven());
  const nonce = response.headers.get("dpop-nonce");
  assert.deepEqual(await shown({ response }), [401, "use_dpop_nonce", 'DPoP error="use_dpop_nonce"']);
  assert.deepEqual(events, ["ERR_DPOP_NONCE"]);
  // The sender's clock does not matter then.
  const late = client.proof(bound, { nonce, iat: 1 });
  assert.equal(await shown(await guard(proven(late))), "ada");
  const at = (seconds) => made(dpop, { now: () => NOW + seconds }).guard(proven(client.proof(bound, { nonce })));
  assert.equal(await shown(await at(300)), "ada");
  assert.equal((await shown(await at(800)))[1], "use_dpop_nonce");
  const stranger = made({ nonces: "5m", nonceKeys: "another key, of 32 bytes or even more" }).guard;
  assert.equal((await shown(await stranger(proven(client.proof(bound, { nonce })))))[1], "use_dpop_nonce");
  const rotated = made({ nonces: "5m", nonceKeys: ["a newer key for nonces, of 32 bytes", NONCE_KEY] }).guard;
  assert.equal(await shown(await rotated(proven(client.proof(bound, { nonce })))), "ada");
});

test("a memory of proofs that is away is 503: nobody can say whether a proof is a copy", async () => {
  const away = { firstUse: () => Promise.reject(new Error("away")) };
  const { guard, events } = made({ store: away });
  const { response } = await guard(proven());
  assert.deepEqual([response.status, response.headers.get("retry-after")], [503, "1"]);
  assert.equal(await shown(await guard(request("Bearer", unbound))), "ada");
  assert.deepEqual(events, ["unavailable"]);
});

test("who has no token is told both schemes; where binding is required, one", async () => {
  const challenge = async ({ guard }) => (await shown(await guard(new Request(`${API}/me`))))[2];
  const algs = /DPoP algs="RS256 [^"]*ES256[^"]*"$/;
  assert.match(await challenge(made()), /^Bearer, /);
  assert.match(await challenge(made()), algs);
  assert.match(await challenge(made({ required: true })), algs);
  assert.doesNotMatch(await challenge(made({ required: true })), /Bearer|HS256/);
  const { guard } = made({ required: true });
  assert.deepEqual(await shown(await guard(request("Bearer", unbound))), invalid("Bearer"));
  assert.equal(await shown(await guard(proven())), "ada");
});

test("without dpop in the options a token that is bound is nothing, however it is sent", async () => {
  const { guard } = made({}, { dpop: undefined });
  assert.deepEqual(await shown(await guard(request("Bearer", bound))), invalid("Bearer"));
  assert.equal((await shown(await guard(proven())))[0], 400);
});

test("options that could not be meant are refused at once, and so is a request that cannot be proven", async () => {
  for (const [dpop, message] of [
    [{ store: undefined }, /dpop\.store/],
    [{ store: {} }, /dpop\.store/],
    [{ origin: undefined }, /dpop\.origin is required/],
    [{ origin: "api.example" }, /dpop\.origin/],
    [{ origin: `${API}/` }, /dpop\.origin/],
    [{ maxAge: "2h" }, /dpop\.maxAge/],
    [{ maxAge: 0 }, /dpop\.maxAge/],
    [{ nonces: "5m" }, /must be set together/],
    [{ nonceKeys: NONCE_KEY }, /must be set together/],
    [{ nonces: "5m", nonceKeys: "short" }, /dpop\.nonceKeys/],
    [{ required: "yes" }, /dpop\.required/],
    [{ maxage: 5 }, /has no option "maxage"/],
  ])
    assert.throws(() => made(dpop), { code: "ERR_JWT_OPTIONS", message }, JSON.stringify(dpop));
  const { guard } = made();
  const { headers } = proven();
  await assert.rejects(guard({ headers }), { code: "ERR_JWT_OPTIONS", message: /method and url/ });
});

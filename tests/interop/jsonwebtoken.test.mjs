// Generated calls into npm jsonwebtoken and into tandem-jwt: the same token, result or error comes out of both.

import assert from "node:assert/strict";
import { constants, createSecretKey, generateKeyPairSync, verify as verifySignature } from "node:crypto";
import { mock, test } from "node:test";
import { inspect } from "node:util";

import original from "jsonwebtoken";
import tandem from "tandem-jwt";

import { differences } from "./differences.mjs";
import { Draw } from "./generator.mjs";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const CASES = 6000;
const NOW = 1_800_000_000;

mock.timers.enable({ apis: ["Date"], now: NOW * 1000 });

const attempt = call => {
  try {
    return { value: call() };
  } catch (error) {
    return { error };
  }
};

/** What callers can see of an outcome. */
const visible = ({ value, error }) =>
  error === undefined
    ? { value }
    : { class: error.constructor.name, name: error.name, message: error.message, expiredAt: error.expiredAt, date: error.date, isError: error instanceof Error };

const used = new Map();
const unexplained = [];

function compare(call, theirs, ours) {
  try {
    assert.deepEqual(visible(ours), visible(theirs));
  } catch {
    const known = differences.find(({ explains }) => explains(theirs, ours, call));
    if (known) used.set(known.name, (used.get(known.name) ?? 0) + 1);
    else unexplained.push({ call, theirs: visible(theirs), ours: visible(ours) });
  }
}

/** Fails with the first few differences that nothing explains. */
function assertExplained() {
  const found = unexplained.splice(0);
  assert.equal(found.length, 0, `seed ${seed}: ${found.length} unexplained, first: ${inspect(found.slice(0, 3), { depth: 4 })}`);
}

const pairs = [
  generateKeyPairSync("rsa", { modulusLength: 2048 }),
  generateKeyPairSync("ec", { namedCurve: "prime256v1" }),
  generateKeyPairSync("ec", { namedCurve: "secp384r1" }),
];
const pem = {
  private: pairs.map(({ privateKey }) => privateKey.export({ format: "pem", type: "pkcs8" })),
  public: pairs.map(({ publicKey }) => publicKey.export({ format: "pem", type: "spki" })),
};

const secrets = draw =>
  draw.one([
    () => draw.one(pairs).privateKey,
    () => draw.one(pairs).publicKey,
    () => draw.one(pem.private),
    () => draw.one(pem.public),
    () => Buffer.from(draw.one(pem.private)),
    () => ({ key: draw.one(pem.private), passphrase: "not needed" }),
    () => "secret",
    () => "s".repeat(1 + draw.below(200)),
    () => "ключ 🔑",
    () => Buffer.from("bytes of a secret"),
    () => new Uint8Array([1, 2, 3]),
    () => new Uint8Array([1, 2, 3]).buffer,
    () => createSecretKey(Buffer.from("key object")),
    () => "",
    () => null,
    () => undefined,
    () => 5,
    () => ({}),
    () => ({ key: "secret" }),
    () => ["secret"],
  ])();

const payloads = draw => {
  if (draw.chance(0.15)) {
    return draw.one(["text", "", '{"a":1}', "[1]", "é", 5, 0, true, false, null, undefined, [], [1], new Date(0), Buffer.from("bytes"), Buffer.from('{"a":1}'), new Uint8Array(2)]);
  }
  const payload = {};
  const names = ["iss", "sub", "aud", "jti", "nonce", "iat", "exp", "nbf", "name", "é", "toJSON"];
  for (let i = draw.below(6); i > 0; i--) {
    const name = draw.one(names);
    if (["iat", "exp", "nbf"].includes(name)) payload[name] = draw.one([NOW, NOW - 10, NOW + 10, 0, -1, 1.5, NaN, Infinity, "5", null, undefined]);
    else payload[name] = draw.chance(0.1) ? undefined : draw.json();
  }
  return payload;
};

const spans = ["15m", "1h", "1.5h", ".5h", "-1h", "120", "2 days", "1y", "1.h", "+1h", "1h30m", "1mo", "1e3", "", 0, 60, -60, 1.5, NaN, "x".repeat(101), null, true];
const signOptions = draw => {
  if (draw.chance(0.3)) return draw.one([undefined, null, {}, [], "text", 5]);
  const rules = {
    algorithm: ["HS256", "HS384", "HS512", "HS256", "RS256", "RS512", "PS256", "ES256", "ES256", "ES384", "ES512", "none", "hs256", "HS1", "foo", ""],
    expiresIn: spans,
    notBefore: spans,
    audience: ["a", ["a", "b"], [], "", 5, /a/],
    issuer: ["issuer", "", 5, ["issuer"]],
    subject: ["subject", "", null],
    jwtid: ["id", 7],
    keyid: ["key", "é", 1],
    noTimestamp: [true, false, "yes"],
    mutatePayload: [true, false, 1],
    header: [{}, { typ: "at+jwt" }, { kid: "other", extra: { deep: [1] } }, { alg: "HS512" }, { alg: "foo" }, { alg: "none" }, { typ: undefined }, [], null, "x"],
    encoding: ["utf8", "latin1", "hex", 5, ""],
    allowInsecureKeySizes: [true, 1],
    unknown: [1],
  };
  const options = {};
  for (let i = draw.below(5); i > 0; i--) {
    const name = draw.one(Object.keys(rules));
    if (name === "unknown" && draw.chance(0.7)) continue;
    options[name] = draw.chance(0.05) ? undefined : draw.one(rules[name]);
  }
  return options;
};

const verifyOptions = draw => {
  if (draw.chance(0.25)) return draw.one([undefined, null, {}]);
  const rules = {
    algorithms: [["RS256", "ES256"], ["HS256"], ["HS256", "HS384", "HS512"], ["none"], ["none", "HS256"], ["RS256"], [], "HS256"],
    audience: ["a", /a/, ["x", /^a/], ["a", "b"], "", []],
    issuer: ["issuer", ["issuer", "b"], "", [], 5],
    subject: ["subject", "other", ""],
    jwtid: ["id", "other"],
    nonce: ["n", "", " ", 5],
    clockTimestamp: [NOW + 100, NOW - 100, 0, "5", 1],
    clockTolerance: [5, 1000, 0],
    maxAge: [10, "10s", "2h", "nonsense", -5, 0, "", 1.5],
    ignoreExpiration: [true, false],
    ignoreNotBefore: [true, false],
    complete: [true, false, 1],
    allowInvalidAsymmetricKeyTypes: [true, "x"],
  };
  const options = {};
  for (let i = draw.below(4); i > 0; i--) {
    const name = draw.one(Object.keys(rules));
    options[name] = draw.one(rules[name]);
  }
  return options;
};

const b64 = text => Buffer.from(text).toString("base64url");

/** A token with one thing about it changed. */
function mutate(draw, token) {
  const [header, payload, signature] = token.split(".");
  const kinds = {
    same: () => token,
    "flip-character": () => {
      const at = draw.below(token.length);
      return token.slice(0, at) + draw.one(["A", "b", "-", "=", "+", ".", " ", "é", ""]) + token.slice(at + 1);
    },
    truncate: () => token.slice(0, draw.below(token.length)),
    "no-signature": () => `${header}.${payload}.`,
    "two-parts": () => `${header}.${payload}`,
    "four-parts": () => `${token}.x`,
    none: () => `${b64('{"alg":"none","typ":"JWT"}')}.${payload}.`,
    "none-signed": () => `${b64('{"alg":"none","typ":"JWT"}')}.${payload}.${signature}`,
    "payload-no-json": () => `${header}.${b64("text")}.${signature}`,
    "payload-null": () => `${header}.${b64("null")}.${signature}`,
    "odd-header": () => `${b64(draw.one(["[]", "5", '"x"', "null", "0", "true"]))}.${payload}.${signature}`,
    "no-alg": () => `${b64("{}")}.${payload}.${signature}`,
    duplicate: () => `${b64('{"alg":"HS256","typ":"JWT","alg":"HS256"}')}.${payload}.${signature}`,
    crit: () => `${b64('{"alg":"HS256","crit":["exp"]}')}.${payload}.${signature}`,
    "latin1-header": () => `${Buffer.from('{"alg":"HS256","kid":"é"}', draw.one(["latin1", "utf8"])).toString("base64url")}.${payload}.${signature}`,
    "other-type": () => draw.one(["", null, undefined, 5, {}, [], true, "....", "..", "a.b.c", ". .", "x"]),
  };
  const label = draw.chance(0.4) ? "same" : draw.one(Object.keys(kinds));
  return { label, mutated: kinds[label]() };
}

const algorithmOf = token => JSON.parse(Buffer.from(token.split(".")[0], "base64url")).alg;

/** Whether the signature draws random bytes, so that two are never equal. */
const isDrawn = token => /^[EP]S/.test(algorithmOf(token));

/** Node's judgement of a signature, whatever was signed. */
function isSignedByOneOf(candidates, token) {
  const algorithm = algorithmOf(token);
  const dot = token.lastIndexOf(".");
  const how = algorithm.startsWith("PS")
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { dsaEncoding: "ieee-p1363" };
  return candidates.some(({ publicKey }) => {
    const isCurve = publicKey.asymmetricKeyType === "ec";
    if (isCurve !== algorithm.startsWith("ES")) return false;
    return verifySignature(`sha${algorithm.slice(2)}`, Buffer.from(token.slice(0, dot)), { key: publicKey, ...how }, Buffer.from(token.slice(dot + 1), "base64url"));
  });
}

test(`sign: the same token or the same error (seed ${seed})`, () => {
  const draw = new Draw(seed);
  let tokens = 0;
  for (let i = 0; i < CASES; i++) {
    const [payload, key, options] = [payloads(draw), secrets(draw), signOptions(draw)];
    const copies = [structuredCloneable(payload), structuredCloneable(payload)];
    const theirs = attempt(() => original.sign(copies[0], key, options));
    const ours = attempt(() => tandem.sign(copies[1], key, options));
    if (theirs.value !== undefined && ours.value !== undefined && isDrawn(ours.value)) {
      assert.ok(isSignedByOneOf(pairs, ours.value), ours.value);
      for (const outcome of [theirs, ours]) outcome.value = outcome.value.slice(0, outcome.value.lastIndexOf("."));
    }
    compare({ verb: "sign", arguments: [payload, key, options] }, theirs, ours);
    if (options?.mutatePayload === true && theirs.value && ours.value) assert.deepEqual(copies[1], copies[0]);
    if (ours.value) tokens += 1;
  }
  assertExplained();
  assert.ok(tokens > CASES / 10, `only ${tokens} calls signed`);
});

test(`verify and decode: the same result or the same error (seed ${seed})`, () => {
  const draw = new Draw(seed + 1);
  let verified = 0;
  for (let i = 0; i < CASES; i++) {
    const pair = draw.chance(0.3) ? draw.below(pairs.length) : undefined;
    const secret = pair === undefined ? draw.one(["secret", "ключ", Buffer.from("bytes")]) : pem.private[pair];
    const algorithm = pair === undefined ? "HS256" : ["RS256", "ES256", "ES384"][pair];
    const signed = attempt(() => original.sign(payloads(draw), secret, signOptions(draw)));
    const token = signed.value ?? original.sign({ sub: "subject", aud: "a", iss: "issuer", jti: "id", nonce: "n", iat: NOW - 60 }, secret, { algorithm });
    const { label, mutated } = mutate(draw, token);
    const right = pair === undefined ? secret : draw.one([pem.public[pair], pairs[pair].publicKey, pem.private[pair]]);
    const key = draw.chance(0.8) ? right : secrets(draw);
    const options = verifyOptions(draw);
    const call = { verb: "verify", token: mutated, label, arguments: [mutated, key, options] };
    const theirs = attempt(() => original.verify(mutated, key, options));
    const ours = attempt(() => tandem.verify(mutated, key, options));
    compare(call, theirs, ours);
    if (ours.value !== undefined) verified += 1;
    const how = draw.one([undefined, { complete: true }, { json: true }, { complete: true, json: true }]);
    compare({ ...call, verb: "decode", arguments: [mutated, how] }, attempt(() => original.decode(mutated, how)), attempt(() => tandem.decode(mutated, how)));
  }
  assertExplained();
  assert.ok(verified > CASES / 10, `only ${verified} tokens verified`);
});

test("each verifies what the other signed", () => {
  const draw = new Draw(seed + 2);
  for (let i = 0; i < 500; i++) {
    const payload = Object.fromEntries(Object.entries({ a: draw.json(), b: draw.json() }));
    const options = { algorithm: draw.one(["HS256", "HS384", "HS512"]), expiresIn: "1h" };
    const secret = draw.one(["secret", "другой", "x".repeat(500)]);
    assert.deepEqual(tandem.verify(original.sign(payload, secret, options), secret), original.verify(tandem.sign(payload, secret, options), secret));
  }
});

test("every difference that is named is one, and its example shows it", t => {
  for (const { name, example, explains } of differences) {
    const call = example();
    const theirs = attempt(() => original[call.verb](...call.arguments));
    const ours = attempt(() => tandem[call.verb](...call.arguments));
    assert.notDeepEqual(visible(ours), visible(theirs), name);
    assert.ok(explains(theirs, ours, call), name);
    t.diagnostic(`${name}: met ${used.get(name) ?? 0} times above`);
  }
});

/** A copy for each side, so that neither sees what the other wrote. */
function structuredCloneable(payload) {
  if (typeof payload !== "object" || payload === null || Object.getPrototypeOf(payload) !== Object.prototype) return payload;
  return { ...payload };
}

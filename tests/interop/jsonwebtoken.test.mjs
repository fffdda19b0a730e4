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

const attempt = (call) => {
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
    : {
        class: error.constructor.name,
        text: String(error),
        name: error.name,
        message: error.message,
        // As numbers: two dates that are none are not equal.
        expiredAt: error.expiredAt?.getTime(),
        date: error.date?.getTime(),
        inner: error.inner,
        json: JSON.stringify(error),
        isError: error instanceof Error,
      };

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
  assert.equal(
    found.length,
    0,
    `seed ${seed}: ${found.length} unexplained, first: ${inspect(found.slice(0, 3), { depth: 4 })}`,
  );
}

/** Keys, and the algorithms that each serves. */
const kinds = [
  {
    pair: generateKeyPairSync("rsa", { modulusLength: 2048 }),
    algorithms: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  },
  { pair: generateKeyPairSync("ec", { namedCurve: "prime256v1" }), algorithms: ["ES256"] },
  { pair: generateKeyPairSync("ec", { namedCurve: "secp384r1" }), algorithms: ["ES384"] },
  { pair: generateKeyPairSync("ec", { namedCurve: "secp521r1" }), algorithms: ["ES512"] },
  {
    pair: generateKeyPairSync("rsa-pss", {
      modulusLength: 2048,
      hashAlgorithm: "sha384",
      mgf1HashAlgorithm: "sha384",
      saltLength: 48,
    }),
    algorithms: ["PS384"],
  },
].map((kind) => ({
  ...kind,
  private: kind.pair.privateKey.export({ format: "pem", type: "pkcs8" }),
  public: kind.pair.publicKey.export({ format: "pem", type: "spki" }),
}));
const publicKeys = kinds.map(({ pair }) => pair.publicKey);
const dsa = generateKeyPairSync("dsa", { modulusLength: 2048, divisorLength: 256 });

const secrets = (draw) =>
  draw.one([
    () => draw.one(kinds).pair.privateKey,
    () => draw.one(kinds).pair.publicKey,
    () => draw.one(kinds).private,
    () => draw.one(kinds).public,
    () => Buffer.from(draw.one(kinds).private),
    () => ({ key: draw.one(kinds).private, passphrase: "not needed" }),
    () => ({ key: draw.one(kinds).private, format: "pem" }),
    () => ({
      key: draw.one(kinds).pair.privateKey.export({ format: "der", type: "pkcs8" }),
      format: "der",
      type: "pkcs8",
    }),
    () => ({
      key: draw.one(kinds).pair.publicKey.export({ format: "der", type: "spki" }),
      format: "der",
      type: "spki",
    }),
    () => ({ key: kinds[1].pair.privateKey.export({ format: "jwk" }), format: "jwk" }),
    () => dsa.privateKey,
    () => dsa.publicKey,
    () => dsa.privateKey.export({ format: "pem", type: "pkcs8" }),
    () => "secret",
    () => "s".repeat(1 + draw.below(200)),
    () => "ключ 🔑",
    () => "\ud800",
    () => Buffer.from("bytes of a secret"),
    () => Buffer.alloc(0),
    () => new Uint8Array([1, 2, 3]),
    () => new Uint16Array([1, 2, 3]).subarray(1),
    () => new DataView(new Uint8Array([1, 2, 3]).buffer, 1),
    () => new Uint8Array([1, 2, 3]).buffer,
    () => createSecretKey(Buffer.from("key object")),
    () => "",
    () => null,
    () => undefined,
    () => 5,
    () => true,
    () => ({}),
    () => ({ key: "secret" }),
    () => ["secret"],
    () => new String("secret"),
  ])();

const payloads = (draw) => {
  if (draw.chance(0.15)) {
    return draw.one([
      ...["text", "", '{"a":1}', "[1]", "é", "\ufefftext", "\ud800", 5, 0, -1.5, NaN, true, false, null, undefined],
      ...[
        Buffer.from("bytes"),
        Buffer.from('{"a":1}'),
        Buffer.from([0xff, 0xfe, 0]),
        Buffer.alloc(0),
        new Uint8Array(2),
      ],
      ...[
        [],
        [1],
        new Date(0),
        new Map(),
        new String("text"),
        Object.create(null),
        Object.create({ iss: "inherited" }),
        new (class Claims {})(),
      ],
      ...[
        { toJSON: () => ({ changed: true }) },
        { toJSON: () => "text" },
        { big: 1n },
        JSON.parse('{"iat":1,"__proto__":{"a":1}}'),
        {
          get iss() {
            return "computed";
          },
        },
      ],
    ]);
  }
  const payload = {};
  const names = ["iss", "sub", "aud", "jti", "nonce", "iat", "exp", "nbf", "name", "é", "toJSON"];
  for (let i = draw.below(6); i > 0; i--) {
    const name = draw.one(names);
    if (["iat", "exp", "nbf"].includes(name))
      payload[name] = draw.one([
        NOW,
        NOW - 10,
        NOW + 10,
        NOW + 0.5,
        0,
        -1,
        1.5,
        1e300,
        NaN,
        Infinity,
        "5",
        null,
        undefined,
        new Number(NOW),
      ]);
    else payload[name] = draw.chance(0.1) ? undefined : draw.json();
  }
  return payload;
};

const spans = [
  ...[
    "15m",
    "1h",
    "1.5h",
    ".5h",
    "-1h",
    "120",
    "2 days",
    "1y",
    "1.h",
    "+1h",
    "1h30m",
    "1mo",
    "1e3",
    "",
    "-.5 HRS",
    "1  h",
    " 1h",
    "1h ",
    "10000000y",
    "0",
  ],
  ...[0, 60, -60, 1.5, NaN, Infinity, "x".repeat(101), null, true, new String("1h"), new Number(60), {}, []],
];
/** Options to sign with; what the kind of key serves is drawn more often than the rest. */
const signOptions = (draw, fitting = []) => {
  if (draw.chance(0.15))
    return draw.one([undefined, null, {}, [], "text", 5, Object.create(null), Object.create({ issuer: "inherited" })]);
  const rules = {
    algorithm: [
      "HS256",
      "HS384",
      "HS512",
      "RS256",
      "RS512",
      "PS256",
      "PS384",
      "ES256",
      "ES384",
      "ES512",
      "none",
      "hs256",
      "HS1",
      "foo",
      "",
      ["HS256"],
    ],
    expiresIn: spans,
    notBefore: spans,
    audience: ["a", ["a", "b"], [], "", 5, /a/],
    issuer: ["issuer", "", 5, ["issuer"], new String("issuer")],
    subject: ["subject", "", null],
    jwtid: ["id", 7],
    keyid: ["key", "é", 1],
    noTimestamp: [true, false, "yes", new Boolean(false)],
    mutatePayload: [true, false, 1],
    header: [
      {},
      { typ: "at+jwt" },
      { kid: "other", extra: { deep: [1] } },
      { alg: "HS512" },
      { alg: "foo" },
      { alg: "none" },
      { typ: undefined },
      [],
      null,
      "x",
    ],
    encoding: [
      "utf8",
      "UTF-8",
      "latin1",
      "binary",
      "ascii",
      "base64",
      "base64url",
      "hex",
      "ucs2",
      "utf16le",
      "nonsense",
      5,
      "",
    ],
    allowInsecureKeySizes: [true, 1],
    allowInvalidAsymmetricKeyTypes: [true, false, "x"],
    unknown: [1],
  };
  const options = fitting.length > 0 && draw.chance(0.8) ? { algorithm: draw.one(fitting) } : {};
  for (let i = draw.below(5); i > 0; i--) {
    const name = draw.one(Object.keys(rules));
    if (name === "unknown" && draw.chance(0.7)) continue;
    options[name] = draw.chance(0.05) ? undefined : draw.one(rules[name]);
  }
  return options;
};

const verifyOptions = (draw) => {
  if (draw.chance(0.25)) return draw.one([undefined, null, {}]);
  const rules = {
    algorithms: [
      ["RS256", "ES256"],
      ["HS256"],
      ["HS256", "HS384", "HS512"],
      ["none"],
      ["none", "HS256"],
      ["RS256"],
      [],
      "HS256",
      ["PS384", "ES512"],
      "",
      null,
      true,
    ],
    audience: ["a", /a/, /^undefined$/, ["x", /^a/], ["a", "b"], "", [], new String("a"), 5],
    issuer: ["issuer", ["issuer", "b"], "", [], 5, [undefined]],
    subject: ["subject", "other", ""],
    jwtid: ["id", "other"],
    nonce: ["n", "", " ", 5],
    clockTimestamp: [NOW + 100, NOW - 100, 0, "5", 1, NaN, Infinity, "", false],
    clockTolerance: [5, 1000, 0, -5, "5", null],
    maxAge: [10, "10s", "2h", "60", "nonsense", -5, 0, "", 1.5, true, {}],
    ignoreExpiration: [true, false],
    ignoreNotBefore: [true, false],
    complete: [true, true, false, 1],
    allowInvalidAsymmetricKeyTypes: [true, "x"],
  };
  const options = {};
  for (let i = draw.below(4); i > 0; i--) {
    const name = draw.one(Object.keys(rules));
    options[name] = draw.one(rules[name]);
  }
  return options;
};

const b64 = (text) => Buffer.from(text).toString("base64url");

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
    "latin1-header": () =>
      `${Buffer.from('{"alg":"HS256","kid":"é"}', draw.one(["latin1", "utf8"])).toString("base64url")}.${payload}.${signature}`,
    "other-type": () => draw.one(["", null, undefined, 5, {}, [], true, "....", "..", "a.b.c", ". .", "x"]),
  };
  const label = draw.chance(0.4) ? "same" : draw.one(Object.keys(kinds));
  return { label, mutated: kinds[label]() };
}

const algorithmOf = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64url")).alg;

/** Whether the signature draws random bytes, so that two are never equal. */
const isDrawn = (token) => /^[EP]S/.test(algorithmOf(token));

/** Node's judgement of a signature, whatever was signed. */
function isSignedByOneOf(candidates, token) {
  const algorithm = algorithmOf(token);
  const dot = token.lastIndexOf(".");
  const how = algorithm.startsWith("PS")
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { dsaEncoding: "ieee-p1363" };
  const input = Buffer.from(token.slice(0, dot));
  const signature = Buffer.from(token.slice(dot + 1), "base64url");
  // A key of another kind has no judgement: it throws.
  return candidates.some(
    (key) =>
      attempt(() => verifySignature(`sha${algorithm.slice(2)}`, input, { key, ...how }, signature)).value === true,
  );
}

test(`sign: the same token or the same error (seed ${seed})`, () => {
  const draw = new Draw(seed);
  let tokens = 0;
  for (let i = 0; i < CASES; i++) {
    const kind = draw.one(kinds);
    const key = draw.chance(0.5) ? draw.one([kind.private, kind.pair.privateKey]) : secrets(draw);
    const [payload, options] = [payloads(draw), signOptions(draw, kind.algorithms)];
    const copies = [copyOf(payload), copyOf(payload)];
    const theirs = attempt(() => original.sign(copies[0], key, options));
    const ours = attempt(() => tandem.sign(copies[1], key, options));
    if (theirs.value !== undefined && ours.value !== undefined && isDrawn(ours.value)) {
      assert.ok(isSignedByOneOf(publicKeys, ours.value), ours.value);
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
    const kind = draw.chance(0.4) ? draw.one(kinds) : undefined;
    const secret = kind
      ? kind.private
      : draw.one(["secret", "ключ", Buffer.from("bytes"), new DataView(new ArrayBuffer(2))]);
    const algorithm = draw.one(kind ? kind.algorithms : ["HS256", "HS384", "HS512"]);
    const signed = attempt(() => original.sign(payloads(draw), secret, signOptions(draw, [algorithm])));
    const token =
      signed.value ??
      original.sign(
        { sub: "subject", aud: draw.one(["a", ["b", "a"]]), iss: "issuer", jti: "id", nonce: "n", iat: NOW - 60 },
        secret,
        { algorithm },
      );
    const { label, mutated } = mutate(draw, token);
    const right = kind ? draw.one([kind.public, kind.pair.publicKey, kind.private]) : secret;
    const key = draw.chance(0.8) ? right : secrets(draw);
    const options = verifyOptions(draw);
    const call = { verb: "verify", token: mutated, label, arguments: [mutated, key, options] };
    const theirs = attempt(() => original.verify(mutated, key, options));
    const ours = attempt(() => tandem.verify(mutated, key, options));
    compare(call, theirs, ours);
    if (ours.value !== undefined) verified += 1;
    const how = draw.one([undefined, { complete: true }, { json: true }, { complete: true, json: true }]);
    compare(
      { ...call, verb: "decode", arguments: [mutated, how] },
      attempt(() => original.decode(mutated, how)),
      attempt(() => tandem.decode(mutated, how)),
    );
  }
  assertExplained();
  assert.ok(verified > CASES / 10, `only ${verified} tokens verified`);
});

/** What a callback hears, what it returns, and when it was called. */
async function overheard(call) {
  const heard = [];
  let inside = true;
  const returned = attempt(() =>
    call((error, value) => {
      heard.push({ ...visible(error ? { error } : { value }), inside });
      return "from the callback";
    }),
  );
  inside = false;
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return {
    value: { heard, returned: visible(returned.value instanceof Promise ? { value: await returned.value } : returned) },
  };
}

test(`verify: a callback hears the same, at the same time (seed ${seed})`, async () => {
  const draw = new Draw(seed + 3);
  const functions = (key) => [
    (_, found) => found(null, key),
    (header, found) => found(header.kid === "k" ? null : new Error("no such key"), key),
    (_, found) => found("text"),
    (_, found) => found({ message: "an object" }),
    (_, found) => void setImmediate(() => found(null, key)),
    async (_, found) => found(null, key),
    () => "never answers",
    () => {
      throw new Error("from the key function");
    },
  ];
  for (let i = 0; i < CASES / 4; i++) {
    const key = draw.one(["secret", Buffer.from("bytes"), null, undefined, 5, kinds[1].public]);
    const token = draw.one([
      () =>
        original.sign(
          { iat: NOW - 60, exp: NOW + draw.one([-1, 1]) },
          draw.one(["secret", "bytes"]),
          draw.chance(0.5) ? { keyid: "k" } : {},
        ),
      () => original.sign({ iat: NOW }, kinds[1].private, { algorithm: "ES256" }),
      () => original.sign({ iat: NOW }, "", { algorithm: "none" }),
      () => "a.b.c",
      () => draw.one(["", undefined, 5, "..."]),
    ])();
    const asked = draw.chance(0.6) ? draw.one(functions(key)) : key;
    const options = verifyOptions(draw);
    // From a key function that answers later, the original's crash reaches nobody and ends the process.
    if (options?.algorithms === true) delete options.algorithms;
    const bare = draw.chance(0.1);
    const call = (jwt) =>
      overheard((receive) => (bare ? jwt.verify(token, asked, receive) : jwt.verify(token, asked, options, receive)));
    const [theirs, ours] = [await call(original), await call(tandem)];
    compare({ verb: "verify", token, label: "callback", arguments: [token, asked, options] }, theirs, ours);
  }
  assertExplained();
});

test(`sign: a callback hears the same, at the same time (seed ${seed})`, async () => {
  const draw = new Draw(seed + 4);
  for (let i = 0; i < CASES / 8; i++) {
    const kind = draw.one(kinds);
    const key = draw.one(["secret", Buffer.from("bytes"), kind.private, kind.pair.publicKey, 5, "", undefined]);
    const payload = draw.one([
      { iat: NOW, a: 1 },
      { iat: "x" },
      { iat: NOW, exp: NOW },
      "text",
      Buffer.from("bytes"),
      undefined,
      [],
    ]);
    const options = draw.one([
      {},
      { algorithm: "HS384" },
      { algorithm: "RS256" },
      { expiresIn: "1h" },
      { expiresIn: "soon" },
      { issuer: "i" },
      { unknown: 1 },
    ]);
    const call = (jwt) => overheard((receive) => jwt.sign(payload, key, options, receive));
    const [theirs, ours] = [await call(original), await call(tandem)];
    for (const { heard } of [theirs.value, ours.value]) {
      for (const one of heard)
        if (typeof one.value === "string" && isDrawn(one.value))
          one.value = one.value.slice(0, one.value.lastIndexOf("."));
    }
    compare({ verb: "sign", label: "callback", arguments: [payload, key, options] }, theirs, ours);
  }
  assertExplained();
});

test("each verifies what the other signed", () => {
  const draw = new Draw(seed + 2);
  for (let i = 0; i < 500; i++) {
    const payload = Object.fromEntries(Object.entries({ a: draw.json(), b: draw.json() }));
    const options = { algorithm: draw.one(["HS256", "HS384", "HS512"]), expiresIn: "1h" };
    const secret = draw.one(["secret", "другой", "x".repeat(500)]);
    assert.deepEqual(
      tandem.verify(original.sign(payload, secret, options), secret),
      original.verify(tandem.sign(payload, secret, options), secret),
    );
  }
});

test("every difference that is named is one, and its example shows it", (t) => {
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
function copyOf(payload) {
  if (!isPlain(payload)) return payload;
  return Object.create(Object.getPrototypeOf(payload), Object.getOwnPropertyDescriptors(payload));
}

function isPlain(payload) {
  return (
    typeof payload === "object" && payload !== null && [Object.prototype, null].includes(Object.getPrototypeOf(payload))
  );
}

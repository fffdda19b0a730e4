// The material of generated calls: keys, payloads, options, and tokens with one thing about them changed.

import { createSecretKey, generateKeyPairSync } from "node:crypto";

/** The time at which the calls are made, in seconds. */
export const NOW = 1_800_000_000;

/** Keys, and the algorithms that each serves. */
export const kinds = [
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
export const publicKeys = kinds.map(({ pair }) => pair.publicKey);
const dsa = generateKeyPairSync("dsa", { modulusLength: 2048, divisorLength: 256 });

export const secrets = (draw) =>
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

export const payloads = (draw) => {
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
export const signOptions = (draw, fitting = []) => {
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

export const verifyOptions = (draw) => {
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
export function mutate(draw, token) {
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

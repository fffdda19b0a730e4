// Key files as tools and environments hand them over, the words for those that cannot be read, and the hostile ones.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import jwt, { setBackend } from "tandem-jwt";

const vector = (name) => readFileSync(new URL(`../vectors/openssl/${name}.pem`, import.meta.url), "utf8");
const { privateKey, publicKey } = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  publicKeyEncoding: { format: "pem", type: "spki" },
  privateKeyEncoding: { format: "pem", type: "pkcs8" },
});
const algorithm = "ES256";
const token = jwt.sign({ sub: "ada" }, privateKey, { algorithm });

/** Runs a call with the host's cryptography and without. */
function onBoth(call) {
  for (const backend of ["auto", "wasm"]) {
    setBackend(backend);
    try {
      call(backend);
    } finally {
      setBackend("auto");
    }
  }
}

const forms = {
  "one line, blanks for line ends": (pem) => pem.trim().replaceAll("\n", " "),
  "one line, nothing for line ends": (pem) => pem.replaceAll("\n", ""),
  "lone carriage returns": (pem) => pem.replaceAll("\n", "\r"),
  "tabs between the lines": (pem) => pem.replaceAll("\n", "\t"),
  "carriage returns and line feeds": (pem) => pem.replaceAll("\n", "\r\n"),
  "quoted by a shell": (pem) => `"${pem}"`,
  "a name before it": (pem) => `KEY=${pem}`,
};

for (const [name, form] of Object.entries(forms)) {
  test(`PEM: ${name}`, () => {
    assert.equal(jwt.verify(jwt.sign({ a: 1 }, form(privateKey), { algorithm }), form(publicKey)).a, 1);
    const rsa = form(vector("rsa.pkcs1"));
    assert.equal(jwt.verify(jwt.sign({ a: 1 }, rsa, { algorithm: "RS256" }), form(vector("rsa.spki"))).a, 1);
  });
}

test("an older encrypted PEM with lone carriage returns", () => {
  const key = vector("legacy.aes-256-cbc").replaceAll("\n", "\r");
  const passphrase = "correct horse";
  assert.ok(jwt.sign({}, { key, passphrase }, { algorithm }));
});

const bare = publicKey.split("\n").slice(1, -2).join("");
const words = [
  [publicKey.replaceAll("\n", "\\n"), /replace each with a real line break/],
  [publicKey.slice(0, -40), /has no END line/],
  [publicKey.replace(bare.slice(0, 4), "????"), /damaged/],
  [publicKey.replace("END PUBLIC KEY", "END PRIVATE KEY"), /damaged/],
  [bare, /BEGIN and END lines/],
  ["ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB ada@example.com", /ssh-keygen/],
  ["-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----", /holds no key/],
  [{ kty: "RSA", n: "AQAB==", e: "AQAB" }, /base64url without padding/],
  [{ kty: "RSA", n: "a+/b", e: "AQAB" }, /base64url without padding/],
  [{ kty: "EC", crv: "P-192", x: "AA", y: "AA" }, /type or curve/],
  [Buffer.from(publicKey, "utf16le"), /UTF-16/],
];

for (const [key, expected] of words) {
  test(`why it is no key: ${expected.source}`, () => {
    for (const call of [() => jwt.verify(token, key), () => jwt.sign({}, key, { algorithm })]) {
      assert.throws(call, (error) => {
        assert.match(error.message, /^secretOr(?:Public|Private)Key is not valid key material: /);
        assert.match(error.message, expected);
        assert.match(error.code, /^ERR_KEY_(?:INVALID|UNSUPPORTED)$/);
        // Nothing of the key stands in the message.
        assert.ok(!error.message.includes(bare.slice(8, 24)));
        return true;
      });
    }
    // And it is never a secret.
    assert.throws(() => jwt.sign({}, key), { code: /^ERR_KEY_/ });
  });
}

/** A key of a pair, dressed as a secret. */
const der = createPublicKey(publicKey).export({ format: "der", type: "spki" });
const jwk = createPublicKey(publicKey).export({ format: "jwk" });
const disguises = {
  PEM: publicKey,
  "PEM in JSON": JSON.stringify({ key: publicKey }),
  "PEM for a URL": encodeURIComponent(publicKey),
  "base64 of PEM": Buffer.from(publicKey).toString("base64"),
  "base64 of base64 of PEM": Buffer.from(Buffer.from(publicKey).toString("base64")).toString("base64"),
  "quoted base64 of DER": `"${bare}"`,
  "base64 of DER after a name": `PUBLIC_KEY=${bare}`,
  "base64url of DER": der.toString("base64url"),
  hex: der.toString("hex"),
  "hex after a name": `PUBLIC_KEY=${der.toString("hex")}`,
  "hex in JSON": JSON.stringify({ key: der.toString("hex") }),
  "far from the beginning": `${" ".repeat(200_000)}${bare}`,
  "hex with colons": der.toString("hex").toUpperCase().match(/../g).join(":"),
  DER: der,
  "DER with bytes around it": Buffer.concat([Buffer.from("\0before"), der, Buffer.from("after")]),
  JWK: JSON.stringify(jwk),
  "JWK with an escaped name": JSON.stringify(jwk).replace('"kty"', '"k\\u0074y"'),
  "JWK in a JSON string": JSON.stringify(JSON.stringify(jwk)),
  "base64 of a JWK": Buffer.from(JSON.stringify(jwk)).toString("base64"),
  certificate: vector("rsa.certificate"),
  "base64 of a certificate": vector("rsa.certificate").split("\n").slice(1, -2).join(""),
  "UTF-16": Buffer.from(publicKey, "utf16le"),
};

for (const [name, disguise] of Object.entries(disguises)) {
  test(`a public key is no secret: ${name}`, () => {
    const forms = typeof disguise === "string" ? [disguise, Buffer.from(disguise)] : [disguise];
    for (const form of forms) {
      assert.throws(() => jwt.sign({}, form, { algorithm: "HS256" }), { code: /^ERR_KEY_/ });
      assert.throws(() => jwt.verify(jwt.sign({}, "secret"), form, { algorithms: ["HS256"] }), {
        name: "JsonWebTokenError",
        message: /not valid key material|must be a symmetric key/,
      });
    }
    const oct = { kty: "oct", k: Buffer.from(disguise).toString("base64url") };
    assert.throws(() => jwt.sign({}, oct), { code: /^ERR_KEY_(?:INVALID|TOO_LARGE)$/ });
  });
}

test("key files of old ciphers are opened by the host, and named where it may not", () => {
  const pbes1 = { key: vector("unsupported.pbes1"), passphrase: "correct horse" };
  setBackend("wasm");
  assert.throws(() => jwt.sign({}, pbes1, { algorithm: "RS256" }), {
    code: "ERR_KEY_UNSUPPORTED",
    message: /type, cipher or format that is not supported/,
  });
  setBackend("auto");
  const files = { pbes1, ...encryptedBy("aria-128-cbc"), ...encryptedBy("camellia-256-cbc") };
  for (const [name, file] of Object.entries(files)) {
    const type = createPrivateKey(file).asymmetricKeyType;
    const signing = { algorithm: type === "ec" ? "ES256" : "RS256" };
    assert.deepEqual(Object.keys(jwt.verify(jwt.sign({ a: 1 }, file, signing), file)), ["a", "iat"], name);
    assert.throws(() => jwt.sign({}, { ...file, passphrase: "wrong" }, signing), { code: /^ERR_KEY_/ }, name);
  }
});

function encryptedBy(cipher) {
  const key = execFileSync("openssl", ["pkcs8", "-topk8", "-v2", cipher, "-passout", "pass:correct horse"], {
    input: privateKey,
    encoding: "utf8",
  });
  return { [cipher]: { key, passphrase: "correct horse" } };
}

/** An EncryptedPrivateKeyInfo whose PBKDF2 or scrypt costs what its writer likes. */
function expensive(kdf) {
  const tlv = (tag, ...content) => {
    const body = Buffer.concat(content);
    const length = body.length < 128 ? [body.length] : [0x81, body.length];
    return Buffer.concat([Buffer.from([tag, ...length]), body]);
  };
  const oid = (hex) => tlv(6, Buffer.from(hex, "hex"));
  const integer = (value) =>
    tlv(
      2,
      Buffer.from(
        value
          .toString(16)
          .padStart(10, "0")
          .replace(/^(?:00)*(?=..)/, ""),
        "hex",
      ),
    );
  const positive = (value) => {
    const digits = integer(value);
    return digits[2] < 128 ? digits : tlv(2, Buffer.from([0]), digits.subarray(2));
  };
  const salt = tlv(4, Buffer.alloc(8));
  const parameters =
    kdf.iterations === undefined
      ? [oid("2b060104 01da47040b".replace(" ", "")), tlv(48, salt, positive(kdf.n), positive(kdf.r), positive(kdf.p))]
      : [oid("2a864886f70d01050c"), tlv(48, salt, positive(kdf.iterations), tlv(48, oid("2a864886f70d0209"), tlv(5)))];
  const cipher = tlv(48, oid(kdf.cipher ?? "60864801650304012a"), tlv(4, Buffer.alloc(16)));
  const scheme = tlv(48, oid("2a864886f70d01050d"), tlv(48, tlv(48, ...parameters), cipher));
  return tlv(48, scheme, tlv(4, Buffer.alloc(64)));
}

test("a key file cannot keep a host busy for more than a second or so, unless the caller allows it", () => {
  onBoth(() => {
    for (const kdf of [
      { iterations: 10_000_000 },
      { iterations: 1_200_001 },
      { iterations: 10_000_000, cipher: "2a831a8c9a44010203" },
      { n: 1 << 17, r: 8, p: 16 },
      { n: 1 << 14, r: 8, p: 16 },
    ]) {
      const key = expensive(kdf);
      assert.throws(() => jwt.sign({}, { key, passphrase: "any" }, { algorithm }), {
        code: "ERR_KEY_EXPENSIVE",
        message: /allowExpensivePassphrase/,
      });
    }
  });
  // More than ten million rounds are refused all the same, also of schemes that are left to the host.
  const file = { key: expensive({ iterations: 0x7fff_ffff }), passphrase: "any", allowExpensivePassphrase: true };
  assert.throws(() => jwt.sign({}, file, { algorithm }), { code: "ERR_KEY_EXPENSIVE" });
});

test("allowExpensivePassphrase opens a file that takes longer", () => {
  const key = execFileSync("openssl", ["pkcs8", "-topk8", "-iter", "1600000", "-passout", "pass:slow"], {
    input: privateKey,
    encoding: "utf8",
  });
  assert.throws(() => jwt.sign({}, { key, passphrase: "slow" }, { algorithm }), { code: "ERR_KEY_EXPENSIVE" });
  const signed = jwt.sign({ a: 1 }, { key, passphrase: "slow", allowExpensivePassphrase: true }, { algorithm });
  assert.equal(jwt.verify(signed, publicKey).a, 1);
});

test("an EC key whose scalar is written with a zero before it, as GnuTLS does", () => {
  const { d } = createPrivateKey(privateKey).export({ format: "jwk" });
  const scalar = Buffer.from(d, "base64url");
  const oid = Buffer.from("a00a06082a8648ce3d030107", "hex");
  const sec1 = (digits) => {
    const body = Buffer.concat([Buffer.from([2, 1, 1, 4, digits.length]), digits, oid]);
    return Buffer.concat([Buffer.from([48, body.length]), body]);
  };
  const padded = sec1(Buffer.concat([Buffer.alloc(1), scalar]));
  assert.equal(jwt.verify(jwt.sign({ a: 1 }, padded, { algorithm }), publicKey).a, 1);
  for (const digits of [Buffer.concat([Buffer.alloc(2), scalar]), Buffer.concat([Buffer.from([1]), scalar])]) {
    assert.throws(() => jwt.sign({}, sec1(digits), { algorithm }), { code: "ERR_KEY_INVALID" });
  }
});

test("of a file with several blocks, the host opens none that the wasm has not judged", () => {
  const another = expensive({ iterations: 8_000_000 }).toString("base64");
  const pbes1 = vector("unsupported.pbes1").trim().replaceAll("\n", " ");
  const key = `x ${pbes1}\n-----BEGIN ENCRYPTED PRIVATE KEY-----\n${another}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
  assert.throws(() => jwt.sign({}, { key, passphrase: "correct horse" }, { algorithm: "RS256" }), {
    code: /^ERR_KEY_(?:EXPENSIVE|UNSUPPORTED)$/,
  });
});

test("a file and bytes that begin alike are different keys", () => {
  const secret = Buffer.concat([Buffer.from("abc"), Buffer.alloc(4, 255)]);
  assert.throws(() => jwt.verify(token, { key: "abc" }), { code: "ERR_KEY_INVALID" });
  assert.throws(() => jwt.verify(jwt.sign({}, "abc"), secret), { message: "invalid signature" });
  assert.equal(jwt.verify(jwt.sign({ a: 1 }, secret), secret).a, 1);
});

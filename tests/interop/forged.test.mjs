// Signatures at the edges of what is one: made by hand, judged by OpenSSL and by us. Where OpenSSL needs to be told
// how, it is.

import assert from "node:assert/strict";
import { constants, createHash, createPublicKey, generateKeyPairSync, privateEncrypt, sign, verify } from "node:crypto";
import { test } from "node:test";

import jwt from "tandem-jwt";

const b64 = (bytes) => Buffer.from(bytes).toString("base64url");
const inputOf = (alg) => `${b64(JSON.stringify({ alg, typ: "JWT" }))}.${b64('{"a":1}')}`;
const number = (bytes) => BigInt(`0x${Buffer.from(bytes).toString("hex") || "0"}`);
const bytes = (value, length) => Buffer.from(value.toString(16).padStart(2 * length, "0"), "hex");
const hash = (name, ...parts) => parts.reduce((digest, part) => digest.update(part), createHash(name)).digest();

function accepts(alg, signature, key) {
  try {
    return jwt.verify(`${inputOf(alg)}.${b64(signature)}`, key, { algorithms: [alg] }).a === 1;
  } catch (error) {
    assert.equal(error.name, "JsonWebTokenError");
    assert.match(error.message, /^invalid signature$|not valid key material(?:$|: )|^jwt signature is required$/);
    return false;
  }
}

const attempt = (call) => {
  try {
    return call();
  } catch {
    return false;
  }
};

/** Both judge each of the named signatures alike; `right` of them are right. */
function agree(alg, key, how, signatures, right) {
  const input = Buffer.from(inputOf(alg));
  let accepted = 0;
  for (const [name, signature] of Object.entries(signatures)) {
    const theirs = attempt(() => verify(how.hash ?? null, input, { key, ...how }, signature));
    assert.equal(accepts(alg, signature, key), theirs, `${alg}, ${name}`);
    accepted += theirs;
  }
  assert.equal(accepted, right, alg);
}

for (const [alg, namedCurve, name, length, order] of [
  ["ES256", "prime256v1", "sha256", 32, 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n],
  [
    "ES384",
    "secp384r1",
    "sha384",
    48,
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ],
  [
    "ES512",
    "secp521r1",
    "sha512",
    66,
    0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  ],
  ["ES256K", "secp256k1", "sha256", 32, 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n],
]) {
  test(`${alg}: r and s at the edges, and other encodings`, () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
    const input = Buffer.from(inputOf(alg));
    const right = sign(name, input, { key: privateKey, dsaEncoding: "ieee-p1363" });
    const [r, s] = [number(right.subarray(0, length)), number(right.subarray(length))];
    const pair = (r, s) => Buffer.concat([bytes(r, length), bytes(s, length)]);
    const signatures = {
      right,
      "the other s": pair(r, order - s),
      "r = 0": pair(0n, s),
      "s = 0": pair(r, 0n),
      "both 0": pair(0n, 0n),
      "r = n": pair(order, s),
      "s = n": pair(r, order),
      "both 1": pair(1n, 1n),
      "both n - 1": pair(order - 1n, order - 1n),
      "all ones": Buffer.alloc(2 * length, 0xff),
      swapped: pair(s, r),
      DER: sign(name, input, privateKey),
      "one byte short": right.subarray(1),
      "one byte more": Buffer.concat([right, Buffer.alloc(1)]),
      "a zero before it": Buffer.concat([Buffer.alloc(1), right]),
      "r alone": right.subarray(0, length),
      "zeros before r and s": Buffer.concat([Buffer.alloc(1), bytes(r, length), Buffer.alloc(1), bytes(s, length)]),
    };
    // The same values modulo the order, where they fit the width.
    if (r + order < 1n << BigInt(8 * length)) signatures["r + n"] = pair(r + order, s);
    if (s + order < 1n << BigInt(8 * length)) signatures["s + n"] = pair(r, s + order);
    agree(alg, publicKey, { hash: name, dsaEncoding: "ieee-p1363" }, signatures, 2);
  });
}

const PREFIX = {
  sha256: Buffer.from("3031300d060960864801650304020105000420", "hex"),
  sha384: Buffer.from("3041300d060960864801650304020205000430", "hex"),
  sha512: Buffer.from("3051300d060960864801650304020305000440", "hex"),
};

for (const [modulusLength, publicExponent] of [
  [2048, 65537],
  [2048, 3],
  [2050, 65537],
  [2056, 17],
  [3072, 3],
]) {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength, publicExponent });
  const length = Math.ceil(modulusLength / 8);
  const modulus = number(Buffer.from(publicKey.export({ format: "jwk" }).n, "base64url"));
  const raw = (message) => privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, message);

  test(`RS*, ${modulusLength} bits, e = ${publicExponent}: other paddings of the same hash`, () => {
    for (const [alg, name] of [
      ["RS256", "sha256"],
      ["RS384", "sha384"],
      ["RS512", "sha512"],
    ]) {
      const digest = hash(name, inputOf(alg));
      const info = Buffer.concat([PREFIX[name], digest]);
      const padded = (info, type = 1, fill = 0xff) =>
        Buffer.concat([Buffer.from([0, type]), Buffer.alloc(length - 3 - info.length, fill), Buffer.alloc(1), info]);
      const withoutNull = Buffer.concat([
        Buffer.from([0x30, info[1] - 2, 0x30, 0x0b]),
        info.subarray(4, 15),
        info.subarray(17),
      ]);
      const right = raw(padded(info));
      const signatures = {
        right,
        "without NULL": raw(padded(withoutNull)),
        "a long length": raw(padded(Buffer.concat([Buffer.from([0x30, 0x81, info[1]]), info.subarray(2)]))),
        "bytes behind the hash": raw(padded(Buffer.concat([info, Buffer.alloc(2)]))),
        "short padding, then garbage": raw(
          Buffer.concat([
            Buffer.from([0, 1]),
            Buffer.alloc(8, 0xff),
            Buffer.alloc(1),
            info,
            Buffer.alloc(length - 11 - info.length, 7),
          ]),
        ),
        "a zero too many": raw(
          Buffer.concat([padded(info).subarray(0, length - info.length - 2), Buffer.alloc(2), info]),
        ),
        "block type 2": raw(padded(info, 2)),
        "block type 0": raw(padded(info, 0, 0)),
        "padding of zeros": raw(padded(info, 1, 0)),
        "the bare hash": raw(padded(digest)),
        "another hash function": raw(
          padded(
            Buffer.concat([
              PREFIX[name === "sha256" ? "sha512" : "sha256"],
              hash(name === "sha256" ? "sha512" : "sha256", inputOf(alg)),
            ]),
          ),
        ),
        "one byte short": right.subarray(1),
        "a zero before it": Buffer.concat([Buffer.alloc(1), right]),
        "a zero behind it": Buffer.concat([right, Buffer.alloc(1)]),
        zero: Buffer.alloc(length),
        one: bytes(1n, length),
        "n - 1": bytes(modulus - 1n, length),
        n: bytes(modulus, length),
        "a single byte": Buffer.alloc(1),
      };
      // The same value modulo n, where it fits the width.
      if (number(right) + modulus < 1n << BigInt(8 * length))
        signatures["right + n"] = bytes(number(right) + modulus, length);
      agree(alg, publicKey, { hash: name, padding: constants.RSA_PKCS1_PADDING }, signatures, 1);
    }
  });

  test(`PS*, ${modulusLength} bits, e = ${publicExponent}: other salts, masks and trailers`, () => {
    for (const [alg, name, size] of [
      ["PS256", "sha256", 32],
      ["PS384", "sha384", 48],
      ["PS512", "sha512", 64],
    ]) {
      const how = { hash: name, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: size };
      const input = Buffer.from(inputOf(alg));
      const signatures = {};
      for (const saltLength of [0, 20, 31, 32, 33, 48, 64])
        signatures[`a salt of ${saltLength}`] = sign(name, input, { key: privateKey, ...how, saltLength });
      for (const mask of ["sha1", "sha256", "sha384", "sha512"])
        signatures[`a mask by ${mask}`] = raw(pss(input, name, mask, size, modulusLength));
      signatures["another trailer"] = raw(pss(input, name, name, size, modulusLength, 0xcc));
      signatures["PKCS#1 v1.5"] = sign(name, input, privateKey);
      agree(alg, publicKey, how, signatures, 2);
    }
  });
}

/**
 * EMSA-PSS (RFC 8017 §9.1.1) with a mask of its own, and the leading zero byte where the modulus has a bit to spare.
 */
function pss(message, name, mask, saltLength, modulusLength, trailer = 0xbc) {
  const bits = modulusLength - 1;
  const length = Math.ceil(bits / 8);
  const salt = Buffer.alloc(saltLength, 7);
  const digest = hash(name, Buffer.alloc(8), hash(name, message), salt);
  const block = Buffer.concat([Buffer.alloc(length - saltLength - digest.length - 2), Buffer.from([1]), salt]);
  const stream = Buffer.concat(
    Array.from({ length: Math.ceil(block.length / 20) }, (_, at) => hash(mask, digest, bytes(BigInt(at), 4))),
  );
  const masked = block.map((byte, at) => byte ^ stream[at]);
  masked[0] &= 0xff >> (8 * length - bits);
  const whole = Buffer.concat([masked, digest, Buffer.from([trailer])]);
  return Buffer.concat([Buffer.alloc(Math.ceil(modulusLength / 8) - length), whole]);
}

test("EdDSA: S beyond the order, and points of small order", () => {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const field = 2n ** 255n - 19n;
  const little = (value) => bytes(value, 32).reverse();
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const right = sign(null, Buffer.from(inputOf("EdDSA")), privateKey);
  const [R, S] = [right.subarray(0, 32), number(Buffer.from(right.subarray(32)).reverse())];
  agree(
    "EdDSA",
    publicKey,
    {},
    {
      right,
      "S + L": Buffer.concat([R, little(S + order)]),
      "S = L": Buffer.concat([R, little(order)]),
      "S = 0": Buffer.concat([R, little(0n)]),
      "all ones": Buffer.alloc(64, 0xff),
      "one byte short": right.subarray(1),
      "one byte more": Buffer.concat([right, Buffer.alloc(1)]),
    },
    1,
  );
  const points = {
    identity: little(1n),
    "identity, negative": little(1n + 2n ** 255n),
    "of order 2": little(field - 1n),
    "of order 4": little(0n),
    "of order 4, negative": little(2n ** 255n),
    "of order 8": Buffer.from("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "hex"),
    "identity, not reduced": little(field + 1n),
    "zero, not reduced": little(field),
    "no point": little(2n),
  };
  const canonical = new Set(["identity", "of order 2", "of order 4", "of order 4, negative", "of order 8"]);
  for (const [name, point] of Object.entries(points)) {
    const key = createPublicKey({
      key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), point]),
      format: "der",
      type: "spki",
    });
    for (const R of Object.values(points)) {
      const signature = Buffer.concat([R, Buffer.alloc(32)]);
      // RFC 8032 §5.1.3 knows one encoding of each point. OpenSSL takes others too, and Deno does not.
      const isRight = canonical.has(name) && attempt(() => verify(null, Buffer.from(inputOf("EdDSA")), key, signature));
      assert.equal(accepts("EdDSA", signature, key), isRight, name);
    }
  }
});

test("HMAC: cut, longer, and spelled another way", () => {
  for (const alg of ["HS256", "HS384", "HS512"]) {
    const right = Buffer.from(jwt.sign("x", "secret", { algorithm: alg }).split(".")[2], "base64url");
    const [input, text] = jwt.sign({ a: 1 }, "secret", { algorithm: alg, noTimestamp: true }).split(/\.(?=[^.]*$)/);
    const tag = Buffer.from(text, "base64url");
    for (const wrong of [
      tag.subarray(1),
      tag.subarray(0, -1),
      tag.subarray(0, tag.length / 2),
      Buffer.concat([tag, Buffer.alloc(1)]),
      Buffer.alloc(tag.length),
      right,
    ]) {
      assert.throws(() => jwt.verify(`${input}.${b64(wrong)}`, "secret"), { message: "invalid signature" });
    }
    for (const spelled of [
      `${text}=`,
      `${text}==`,
      `${text}\n`,
      ` ${text}`,
      tag.toString("base64"),
      `${text.slice(0, 5)} ${text.slice(5)}`,
    ]) {
      if (spelled !== text)
        assert.throws(() => jwt.verify(`${input}.${spelled}`, "secret"), { name: "JsonWebTokenError" }, spelled);
    }
    assert.deepEqual(jwt.verify(`${input}.${text}`, "secret"), { a: 1 });
  }
});

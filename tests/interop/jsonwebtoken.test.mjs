// Generated calls into npm jsonwebtoken and into tandem-jwt: the same token, result or error comes out of both.

import assert from "node:assert/strict";
import { constants, verify as verifySignature } from "node:crypto";
import { mock, test } from "node:test";
import { inspect } from "node:util";

import original from "jsonwebtoken";
import tandem from "tandem-jwt";

import { differences } from "./differences.mjs";
import { Draw } from "./generator.mjs";
import { kinds, mutate, NOW, payloads, publicKeys, secrets, signOptions, verifyOptions } from "./material.mjs";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const CASES = 6000;

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

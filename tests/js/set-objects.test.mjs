/**
 * A set of keys that is given as an object, again and again: only the members that a token names are read at later calls,
 * and the answer is that of a set which was never seen before.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import jwt, { generateKey } from "tandem-jwt";

const pair = (algorithm, kid) => {
  const { privateJwk, publicJwk } = generateKey(algorithm);
  return { privateKey: { ...privateJwk, kid }, publicJwk: { ...publicJwk, kid } };
};
const one = pair("ES256", "one");
const two = pair("ES256", "two");
const edwards = pair("EdDSA", "three");
const shared = { kty: "oct", kid: "s", k: Buffer.alloc(32, 7).toString("base64url") };
const token = (key, kid, algorithm = "ES256") =>
  jwt.sign({ sub: "ada" }, key, { algorithm, ...(kid && { keyid: kid }) });
const ofOne = token(one.privateKey, "one");
const ofTwo = token(two.privateKey, "two");

/** What a call says: the subject, or the code of the error. */
function said(set, presented, options) {
  try {
    return jwt.verify(presented, set, options).sub;
  } catch (error) {
    return `${error.code}: ${error.message}`;
  }
}

/** A set that was seen before, and the same content in an object that was not, say the same of every token. */
function assertSame(set, options) {
  for (const presented of [ofOne, ofTwo, token(one.privateKey), token(two.privateKey, "nobody")]) {
    const fresh = JSON.parse(JSON.stringify(set));
    assert.equal(said(set, presented, options), said(fresh, presented, options));
  }
}

const CHANGES = {
  nothing: () => undefined,
  "a key is replaced": (set) => {
    set.keys[0] = { ...two.publicJwk, kid: "one" };
  },
  "a key is changed in place": (set) => Object.assign(set.keys[0], { x: two.publicJwk.x, y: two.publicJwk.y }),
  "a key is limited": (set) => Object.assign(set.keys[0], { use: "enc" }),
  "a key gets another's name": (set) => Object.assign(set.keys[0], { kid: "two" }),
  "a second key has the name": (set) => set.keys.push({ ...two.publicJwk, kid: "one" }),
  "a key of another kind has the name": (set) => set.keys.push({ ...edwards.publicJwk, kid: "one" }),
  "a key loses its name": (set) => {
    delete set.keys[0].kid;
  },
  "a key inherits its name": (set) => {
    set.keys[0] = Object.assign(Object.create({ kid: "one" }), { ...one.publicJwk, kid: undefined });
    delete set.keys[0].kid;
  },
  "a name that is an object": (set) => Object.assign(set.keys[1], { kid: Object("one") }),
  "a key writes itself": (set) => Object.assign(set.keys[1], { toJSON: () => ({ ...two.publicJwk, kid: "one" }) }),
  "the set writes itself": (set) => Object.assign(set, { toJSON: () => ({ keys: [two.publicJwk] }) }),
  "the list writes itself": (set) => Object.assign(set.keys, { toJSON: () => [two.publicJwk] }),
  "the list is emptied": (set) => set.keys.splice(0),
  "a secret joins": (set) => set.keys.push({ ...shared }),
  "what is no key joins": (set) => set.keys.push(7, null, { kty: "Klingon", kid: "one" }),
};

for (const [change, make] of Object.entries(CHANGES)) {
  test(`a set that was seen is read as one that was not: ${change}`, () => {
    for (const options of [undefined, { algorithms: ["ES256"] }, { algorithms: ["ES256", "EdDSA"] }]) {
      const set = { keys: [{ ...one.publicJwk }, { ...two.publicJwk }, { ...edwards.publicJwk }] };
      assert.equal(said(set, ofOne, options), "ada");
      assert.equal(said(set, ofTwo, options), "ada");
      make(set);
      assertSame(set, options);
    }
  });
}

test("a secret that joins a set of public keys is noticed where the header chooses the algorithm", () => {
  const set = { keys: [{ ...one.publicJwk }] };
  assert.equal(said(set, ofOne), "ada");
  set.keys.push({ ...shared });
  assert.match(said(set, ofOne), /^ERR_KEY_SET_MIXED/);
  assert.equal(said(set, ofOne, { algorithms: ["ES256"] }), "ada");
});

test("of a set that was seen, only the members that a token names are written anew", () => {
  const set = { keys: [{ ...one.publicJwk }, { ...two.publicJwk }] };
  let reads = 0;
  Object.defineProperty(set.keys[1], "x", {
    enumerable: true,
    get: () => {
      reads += 1;
      return two.publicJwk.x;
    },
  });
  assert.equal(said(set, ofOne), "ada");
  const first = reads;
  assert.ok(first > 0);
  for (let round = 0; round < 3; round += 1) assert.equal(said(set, ofOne), "ada");
  assert.equal(reads, first);
  assert.equal(said(set, ofTwo), "ada");
  assert.ok(reads > first);
});

test("a set to sign with", () => {
  const set = {
    keys: [
      { ...one.privateKey, kid: "one" },
      { ...two.privateKey, kid: "two" },
    ],
  };
  for (let round = 0; round < 3; round += 1) {
    const signed = jwt.sign({ sub: "ada" }, set, { algorithm: "ES256", keyid: "two" });
    assert.equal(jwt.verify(signed, two.publicJwk).sub, "ada");
  }
  set.keys[1] = { ...one.privateKey, kid: "two" };
  assert.equal(
    jwt.verify(jwt.sign({ sub: "ada" }, set, { algorithm: "ES256", keyid: "two" }), one.publicJwk).sub,
    "ada",
  );
});

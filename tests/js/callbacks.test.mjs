import assert from "node:assert/strict";
import { test } from "node:test";

import jwt from "tandem-jwt";

const token = jwt.sign({ sub: "ada" }, "secret", { keyid: "k1" });

test("sign: a success arrives on a later tick, a failure at once", async () => {
  let heard = false;
  const signed = new Promise((resolve, reject) => {
    jwt.sign({ sub: "ada" }, "secret", (error, encoded) => {
      heard = true;
      error ? reject(error) : resolve(encoded);
    });
  });
  assert.equal(heard, false);
  assert.equal(jwt.verify(await signed, "secret").sub, "ada");

  const errors = [];
  jwt.sign({}, "", {}, (error) => errors.push(error));
  assert.equal(errors.length, 1);
  assert.equal(errors[0].message, "secretOrPrivateKey must have a value");
});

test("verify: the callback hears before verify returns", () => {
  const heard = [];
  jwt.verify(token, "secret", (error, payload) => heard.push([error, payload?.sub]));
  jwt.verify(token, "secret", {}, (error, payload) => heard.push([error, payload?.sub]));
  jwt.verify(token, "wrong", {}, (error) => heard.push(error.message));
  assert.deepEqual(heard, [[null, "ada"], [null, "ada"], "invalid signature"]);
});

test("what a callback returns comes back, so that a promise can be waited for", async () => {
  assert.equal(
    jwt.verify(token, "secret", (_, payload) => payload.sub),
    "ada",
  );
  assert.equal(
    jwt.verify(token, "wrong", (error) => error.message),
    "invalid signature",
  );
  assert.equal(
    jwt.verify("", "secret", (error) => error.message),
    "jwt must be provided",
  );
  assert.equal(
    jwt.sign({}, "", (error) => error.message),
    "secretOrPrivateKey must have a value",
  );
  assert.equal(
    jwt.sign({}, "secret", () => "too late"),
    undefined,
  );
  const find = async (_, found) => found(null, "secret");
  assert.equal(await jwt.verify(token, find, (_, payload) => payload.sub), "ada");
});

test("verify: a key function gets the header and may answer later", async () => {
  const find = (header, found) => setTimeout(() => found(null, header.kid === "k1" ? "secret" : "other"), 1);
  const payload = await new Promise((resolve, reject) => {
    jwt.verify(token, find, (error, decoded) => (error ? reject(error) : resolve(decoded)));
  });
  assert.equal(payload.sub, "ada");
});

test("verify: a key function's error, and one that answers twice", () => {
  const heard = [];
  jwt.verify(
    token,
    (_, found) => found(new Error("no such key")),
    (error) => heard.push([error.message, error.code]),
  );
  jwt.verify(
    token,
    (_, found) => {
      found(null, "secret");
      found(new Error("again"));
    },
    (error) => heard.push(error),
  );
  assert.deepEqual(heard, [["error in secret or public key callback: no such key", "ERR_KEY_CALLBACK"], null]);
});

test("verify: a key function needs a callback", () => {
  assert.throws(() => jwt.verify(token, () => {}), {
    name: "JsonWebTokenError",
    message: "verify must be called asynchronous if secret or public key is provided as a callback",
  });
});

test("an error thrown by the callback itself is not caught and told to it again", () => {
  let calls = 0;
  const boom = () => {
    calls += 1;
    throw new Error("from the callback");
  };
  assert.throws(() => jwt.verify(token, "secret", boom), /from the callback/);
  assert.throws(() => jwt.verify(token, "wrong", boom), /from the callback/);
  assert.throws(() => jwt.verify(token, (_, found) => found(null, "secret"), boom), /from the callback/);
  assert.equal(calls, 3);
});

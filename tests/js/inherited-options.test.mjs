// A polluted Object.prototype must not switch a check off, or choose what is signed.

import assert from "node:assert/strict";
import { test } from "node:test";

import jwt, { signAsync, verifyAsync } from "tandem-jwt";

const NOW = Math.floor(Date.now() / 1000);
const expired = jwt.sign({ sub: "ada", exp: NOW - 60 }, "secret");
const token = jwt.sign({ sub: "ada" }, "secret");

/** Runs a call while every object inherits a member. */
async function polluted(name, value, call) {
  Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true, writable: true });
  try {
    return await call();
  } finally {
    delete Object.prototype[name];
  }
}

for (const [name, value] of Object.entries({
  ignoreExpiration: true,
  ignoreNotBefore: true,
  clockTimestamp: 1,
  clockTolerance: 1e9,
  complete: true,
  algorithms: ["none"],
  audience: "another",
  issuer: "another",
  subject: "another",
  jwtid: "another",
  nonce: "another",
  maxAge: 1e-9,
  requiredTyp: "at+jwt",
  requiredClaims: ["another"],
})) {
  test(`verify takes no ${name} from a prototype`, () =>
    polluted(name, value, async () => {
      for (const options of [undefined, {}, { algorithms: ["HS256"] }]) {
        assert.throws(() => jwt.verify(expired, "secret", options), { name: "TokenExpiredError" });
        assert.equal(jwt.verify(token, "secret", options).sub, "ada");
        assert.equal(jwt.createVerifier("secret", options)(token).sub, "ada");
        assert.equal((await verifyAsync(token, "secret", options)).sub, "ada");
      }
    }));
}

for (const [name, value] of Object.entries({
  algorithm: "none",
  keyid: "another",
  expiresIn: "1h",
  notBefore: "1h",
  audience: "another",
  subject: "another",
  issuer: "another",
  jwtid: "another",
  noTimestamp: true,
  header: { kid: "another" },
  encoding: "hex",
})) {
  test(`sign takes no ${name} from a prototype`, () =>
    polluted(name, value, async () => {
      const claims = Object.assign(Object.create(null), { iat: NOW });
      const right = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";
      for (const options of [undefined, {}, { algorithm: "HS256" }]) {
        for (const made of [jwt.sign(claims, "secret", options), await signAsync(claims, "secret", options)]) {
          assert.ok(made.startsWith(right), made);
          assert.deepEqual(Object.keys(jwt.decode(made)), ["iat"]);
        }
      }
    }));
}

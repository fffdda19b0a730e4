// HMAC through the public API, against npm jsonwebtoken, fast-jwt and jose.

import { createSecretKey } from "node:crypto";

import { createSigner, createVerifier } from "fast-jwt";
import { jwtVerify, SignJWT } from "jose";
import original from "jsonwebtoken";
import tandem from "tandem-jwt";

import { race, show } from "./rounds.mjs";

const secret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const bytes = new TextEncoder().encode(secret);
const object = createSecretKey(bytes);

/** 206 bytes of JSON once `iat` and `exp` are in. */
const payload = {
  sub: "248289761001",
  name: "Jane Doe",
  email: "janedoe@example.com",
  roles: ["user", "admin"],
  tenant: "acme",
  sid: "08a5019c-17e1-4977-8f42-65a12843ea02",
};

/** A hundred at a time: WebCrypto's threads overlap. Microseconds are for one. */
const hundred = (call) => async () => {
  await Promise.all(Array.from({ length: 100 }, call));
};
const perCall = (result, names) =>
  Object.fromEntries(Object.entries(result).map(([name, us]) => [name, names.includes(name) ? us / 100 : us]));

export async function run() {
  for (const algorithm of ["HS256", "HS384", "HS512"]) {
    const token = tandem.sign(payload, secret, { algorithm, expiresIn: "1h" });
    const options = { algorithms: [algorithm] };
    const fastVerify = createVerifier({ key: secret, algorithms: [algorithm], cache: false });
    const concurrent = "jose, 100 concurrent";
    show(
      `${algorithm} verify, ${token.length} characters`,
      perCall(
        await race({
          "tandem-jwt, string secret": () => tandem.verify(token, secret, options),
          "tandem-jwt, KeyObject": () => tandem.verify(token, object, options),
          "fast-jwt, cache off": () => fastVerify(token),
          "jsonwebtoken, KeyObject": () => original.verify(token, object, options),
          "jsonwebtoken, string secret": () => original.verify(token, secret, options),
          [concurrent]: hundred(() => jwtVerify(token, bytes, options)),
          "jose, in sequence": () => jwtVerify(token, bytes, options),
        }),
        [concurrent],
      ),
    );
    if (algorithm !== "HS256") continue;
    const fastSign = createSigner({ key: secret, algorithm, expiresIn: 3_600_000 });
    show(
      `${algorithm} sign`,
      perCall(
        await race({
          "tandem-jwt, string secret": () => tandem.sign(payload, secret, { expiresIn: "1h" }),
          "fast-jwt": () => fastSign(payload),
          "jsonwebtoken, KeyObject": () => original.sign(payload, object, { expiresIn: "1h" }),
          "jsonwebtoken, string secret": () => original.sign(payload, secret, { expiresIn: "1h" }),
          [concurrent]: hundred(() =>
            new SignJWT(payload)
              .setProtectedHeader({ alg: algorithm, typ: "JWT" })
              .setIssuedAt()
              .setExpirationTime("1h")
              .sign(bytes),
          ),
        }),
        [concurrent],
      ),
    );
  }
}

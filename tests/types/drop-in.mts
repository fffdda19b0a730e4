// Code as users of @types/jsonwebtoken write it must compile unchanged.

import type { KeyObject } from "node:crypto";
import type {
  Algorithm,
  DecodeOptions,
  ErrorCode,
  GetPublicKeyOrSecret,
  Jwt,
  JwtHeader,
  JwtPayload,
  PrivateKey,
  PublicKey,
  Secret,
  SignCallback,
  SigningKeyCallback,
  SignOptions,
  VerifyCallback,
  VerifyErrors,
  VerifyOptions,
} from "tandem-jwt";
import jwt, {
  ACCESS_TOKEN,
  decode,
  JsonWebTokenError,
  NotBeforeError,
  sign,
  TokenExpiredError,
  verify,
} from "tandem-jwt";

declare const key: KeyObject;
const algorithm: Algorithm = "HS256";
const signOptions: SignOptions = {
  algorithm,
  expiresIn: "15m",
  audience: ["a", "b"],
  header: { alg: "HS256", kid: "k" },
};
const token: string = sign({ userId: "12345" }, "secret", signOptions);
jwt.sign("text", Buffer.from("secret"));
jwt.sign({ a: 1 }, { key: "pem", passphrase: "p" }, { algorithm: "RS256" });
jwt.sign({ a: 1 }, key);
jwt.sign({ a: 1 }, "secret", (error: Error | null, encoded: string | undefined) => [error, encoded]);
jwt.sign({ a: 1 }, "secret", {}, (error, encoded) => encoded?.length);
jwt.sign({ a: 1 }, null, { algorithm: "none" });

const verifyOptions: VerifyOptions = {
  algorithms: ["HS256"],
  audience: [/^a/, "b"],
  issuer: ["i", "j"],
  maxAge: "2h",
  clockTolerance: 5,
};
jwt.verify(token, "secret", { ...ACCESS_TOKEN, issuer: "i", audience: "a" });
jwt.verify(token, "secret", { requiredTyp: "at+jwt", requiredClaims: ["sub"], complete: true }).header.typ;
jwt.sign({}, "secret", { header: { typ: "at+jwt", tenant: "acme" } });
const verified: string | JwtPayload = verify(token, "secret");
const whole: Jwt = verify(token, "secret", { complete: true });
const either: Jwt | JwtPayload | string = verify(token, "secret", verifyOptions);
if (typeof verified !== "string") {
  const sub: string | undefined = verified.sub;
  const custom: string = verified.userId;
  void [sub, custom];
}

const find: GetPublicKeyOrSecret = (header: JwtHeader, callback: SigningKeyCallback) =>
  callback(null, header.kid === "k" ? "secret" : undefined);
jwt.verify(token, find, verifyOptions, (error: VerifyErrors | null, decoded) => [error?.inner, decoded]);
jwt.verify(token, find, (error, decoded) => typeof decoded === "object" && decoded.sub);
jwt.verify(token, "secret", { complete: true }, (error, decoded) => decoded?.header.alg);

const decodeOptions: DecodeOptions = { json: true };
const decoded: null | string | JwtPayload = decode(token, decodeOptions);
const complete: null | Jwt = decode(token, { complete: true });

try {
  verify(token, "secret");
} catch (error) {
  if (error instanceof TokenExpiredError) error.expiredAt satisfies Date;
  else if (error instanceof NotBeforeError) error.date satisfies Date;
  else if (error instanceof JsonWebTokenError) {
    const code: ErrorCode = error.code;
    // @ts-expect-error a code that does not exist
    if (code === "ERR_JWT_TYPO") throw error;
  }
}

const secrets: Secret[] = ["secret", Buffer.from("secret"), key, { key: "pem", passphrase: "p" }];
const publicKey: PublicKey = { key: Buffer.from("pem") };
const privateKey: PrivateKey = "pem";
const signed: SignCallback = (error, encoded) => [error, encoded];
const received: VerifyCallback<JwtPayload | string> = (error, payload) => [error, payload];
void [whole, either, decoded, complete, secrets, publicKey, privateKey, signed, received];

// @ts-expect-error an option that does not exist
sign({}, "secret", { expires: "15m" });
// @ts-expect-error an algorithm that does not exist
sign({}, "secret", { algorithm: "HS1" });
// @ts-expect-error a token is a string
verify(5, "secret");

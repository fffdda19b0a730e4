// Code as users of @types/jsonwebtoken write it. It is compiled twice, once with their types and once with those of
// tandem-jwt in their place, and has to be accepted by both: see tsconfig.original.json and tsconfig.replaced.json.

import { createPrivateKey, createSecretKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import type {
  Algorithm,
  DecodeOptions,
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
} from "jsonwebtoken";
import * as all from "jsonwebtoken";
import jwt, { decode, JsonWebTokenError, NotBeforeError, sign, TokenExpiredError, verify } from "jsonwebtoken";

declare const key: KeyObject;
declare const jwk: JsonWebKey;
const pem = Buffer.from("pem");
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

// What is signed, with what, and how.
const token: string = sign({ userId: "12345" }, "secret");
jwt.sign({}, "secret", {
  expiresIn: "15m",
  notBefore: 10,
  audience: ["a"],
  issuer: "i",
  subject: "s",
  jwtid: "j",
  keyid: "k",
});
jwt.sign("text", pem, { algorithm: "HS512", noTimestamp: true, encoding: "latin1" });
jwt.sign(pem, key, { mutatePayload: true, allowInsecureKeySizes: true, allowInvalidAsymmetricKeyTypes: false });
all.sign(
  {},
  { key: "pem", passphrase: "p" },
  { algorithm: "RS256", header: { alg: "RS256", typ: "at+jwt", x5c: ["c"], cty: "JWT" } },
);
all.sign([1, 2], { key: pem, passphrase: "p" });
all.sign(new Date(), { key: pem, format: "der", type: "pkcs8", passphrase: pem });
jwt.sign({}, { key: jwk, format: "jwk" }, { algorithm: "ES256" });
jwt.sign({}, createPrivateKey(pem));
jwt.sign({}, null, { algorithm: "none" });
jwt.sign({}, null);
jwt.sign({}, "secret", (error, encoded) => [error?.message, encoded?.length]);
jwt.sign({}, "secret", {}, (error: Error | null, encoded: string | undefined) => [error, encoded]);
jwt.sign({}, null, { algorithm: "none" }, (error, encoded) => [error, encoded?.split(".")]);
const signed: SignCallback = (error, encoded) => void [error, encoded];
sign({}, "secret", signed);

// What comes back.
const either: string | JwtPayload = verify(token, "secret");
const whole: Jwt = verify(token, publicKey, { complete: true });
const options: VerifyOptions = {
  algorithms: ["HS256", "none"],
  audience: [/^a/, "b"],
  issuer: ["i", "j"],
  maxAge: "2h",
  clockTolerance: 5,
  clockTimestamp: 1,
  nonce: "n",
  ignoreExpiration: true,
  ignoreNotBefore: false,
  subject: "s",
  jwtid: "j",
};
const any: Jwt | JwtPayload | string = verify(token, "secret", options);
const asserted = verify(token, "secret") as JwtPayload & { userId: string };
const asInterface = verify(token, "secret") as Claims;
interface Claims extends jwt.JwtPayload {
  userId: string;
}
interface Header extends JwtHeader {
  tenant: string;
}
if (typeof either !== "string") {
  const [sub, exp, own]: [string | undefined, number | undefined, string] = [either.sub, either.exp, either.userId];
  void [sub, exp, own];
}
const userId: string = asserted.userId + asInterface.userId;
const alg: string | Algorithm = whole.header.alg;
verify(token, { key: pem, format: "pem" });
verify(token, { key: jwk, format: "jwk" });
verify(token, createSecretKey(pem));

// Callbacks and key functions.
function getKey(header: jwt.JwtHeader, callback: jwt.SigningKeyCallback): void {
  if (header.kid === "k") callback(null, "secret");
  else if (header.x5c) callback(new Error("no such key"));
  else callback(null, publicKey);
}
const find: GetPublicKeyOrSecret = getKey;
jwt.verify(token, getKey, options, (error, decoded) => {
  if (error) return console.error(error.name, error.message, error.inner.message);
  if (typeof decoded === "object" && "sub" in decoded) console.log(decoded.sub);
});
jwt.verify(token, find, { complete: true }, (error, decoded) => [error, decoded?.header.alg, decoded?.signature]);
jwt.verify(token, "secret", (error: VerifyErrors | null, decoded: unknown) => [error, decoded]);
jwt.verify(token, "secret", (error: any, decoded: any) => decoded.userId as string);
const received: VerifyCallback<JwtPayload | string> = (error, payload) => void [error, payload];
const receivedAny: VerifyCallback = (error, decoded) => void [error, decoded];
jwt.verify(token, "secret", received);
jwt.verify(token, "secret", options, receivedAny);
const verifyLater = promisify<string, Secret, JwtPayload>(
  jwt.verify as (token: string, key: Secret, callback: (error: any, value: JwtPayload) => void) => void,
);
void verifyLater(token, "secret").then((payload) => payload.sub);

// Reading without trust.
const read: null | JwtPayload | string = decode(token);
const object: null | JwtPayload = decode(token, { json: true });
const complete: null | Jwt = decode(token, { complete: true });
const decodeOptions: DecodeOptions = { json: true, complete: false };
const kid: string | undefined = jwt.decode(token, { complete: true })?.header.kid;
void [read, object, complete, decodeOptions, kid];

// Errors.
try {
  verify(token, "secret");
} catch (error) {
  if (error instanceof TokenExpiredError) error.expiredAt satisfies Date;
  else if (error instanceof NotBeforeError) error.date satisfies Date;
  else if (error instanceof jwt.JsonWebTokenError) throw new all.JsonWebTokenError(error.message, error);
  const known = error as jwt.TokenExpiredError | jwt.NotBeforeError | jwt.JsonWebTokenError;
  console.log(known.inner, (error as jwt.VerifyErrors).message);
}
class SessionExpired extends jwt.TokenExpiredError {
  constructor(readonly session: string) {
    super("session expired", new Date());
  }
}
new JsonWebTokenError("no", new Error("inner")).inner satisfies Error;
new NotBeforeError("not yet", new Date()).date satisfies Date;

// Types by either name.
const byName: [Secret, PublicKey, PrivateKey, SigningKeyCallback, SignOptions] = [
  "s",
  key,
  pem,
  () => {},
  { algorithm: "PS384" },
];
const byDefault: [
  jwt.Secret,
  jwt.PublicKey,
  jwt.PrivateKey,
  jwt.GetPublicKeyOrSecret,
  jwt.SignOptions,
  jwt.VerifyOptions,
] = ["s", key, pem, find, {}, {}];
const callbacks: [jwt.SignCallback, jwt.VerifyCallback, jwt.VerifyCallback<Claims>] = [() => {}, () => {}, () => {}];
const rest: [jwt.DecodeOptions, jwt.Jwt, jwt.Algorithm, all.JwtPayload] = [{}, whole, "ES512", { anything: 1 }];
const header: Header = { alg: "HS256", tenant: "acme" };
const fromInterface: JwtHeader = header;
const material: PrivateKey = { key: "pem", passphrase: "p", format: "pem", type: "pkcs1" };
void [any, userId, alg, byName, byDefault, callbacks, rest, fromInterface, material, privateKey, SessionExpired];

// @ts-expect-error an option that does not exist
sign({}, "secret", { expires: "15m" });
// @ts-expect-error an algorithm that does not exist
sign({}, "secret", { algorithm: "HS1" });
// @ts-expect-error a token is a string
verify(5, "secret");
// @ts-expect-error the key of an unsecured token is null
sign({}, undefined, { algorithm: "none" });

// Code as dependents of npm jsonwebtoken write it, against its types as DefinitelyTyped has them.

import {
  createSecretKey,
  KeyObject,
  type SignKeyObjectInput,
  type SignPrivateKeyInput,
  type VerifyKeyObjectInput,
} from "node:crypto";
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
} from "tandem-jwt";
import jwt from "tandem-jwt";

const bytes: Secret = Buffer.from("a secret");
const key: KeyObject = createSecretKey(Buffer.from("a secret"));
const header: JwtHeader = { alg: "HS256", kid: "k1", x5c: ["a certificate"] };
const chain: string | string[] | undefined = header.x5c;

enum Family {
  Symmetric = "HS256",
}
const lifetime: string = "15m";
const signOptions: SignOptions = { algorithm: Family.Symmetric, expiresIn: lifetime, header, mutatePayload: false };
const ending: SignOptions["expiresIn"] = 5;
const algorithms: Algorithm[] = ["HS256", "PS512", "none"];
const verifyOptions: VerifyOptions = {
  algorithms,
  audience: [/^api/, "web"],
  issuer: ["one", "two"],
  clockTimestamp: 1,
  maxAge: "1d",
  nonce: "n",
};

// Keys, each in a form that a caller may have.
const privateKeys: PrivateKey[] = [
  key,
  { key: "pem", passphrase: "p" } as SignPrivateKeyInput,
  { key } as SignKeyObjectInput,
];
const publicKeys: PublicKey[] = [key, { key } as VerifyKeyObjectInput];
const wider = (secret: Secret | Buffer | { key: string; passphrase: string }): Secret => secret;
export function asText(secret: Secret): string {
  if (typeof secret === "string") return secret;
  if (Buffer.isBuffer(secret)) return secret.toString();
  if (secret instanceof KeyObject) return secret.type;
  return secret.key.toString();
}

// Wrappers, with their own types around ours.
type SignResult = ReturnType<typeof jwt.sign>;
type DecodeResult = ReturnType<typeof jwt.decode>;
export type VerifyArguments = Parameters<typeof jwt.verify>;
const verifyAs = <T extends object>(token: string, options?: VerifyOptions): T =>
  jwt.verify(token, bytes, options) as T;
const module_: typeof jwt = jwt;
const promised = promisify<string, Secret, VerifyOptions | undefined, JwtPayload>(jwt.verify as never);

export async function uses(): Promise<unknown[]> {
  const token: string = jwt.sign({ sub: "ada" }, bytes, signOptions);
  const text: string = jwt.sign("text", key);
  const payload: JwtPayload | string = jwt.verify(token, wider(bytes));
  const complete: Jwt = jwt.verify(token, key, { complete: true });
  const cast = jwt.verify(token, bytes) as { sub: string };
  const decoded: null | JwtPayload | string = jwt.decode(token);
  const decodeOptions: DecodeOptions = { complete: true };
  const whole = jwt.decode(token, { complete: true }) as jwt.Jwt;
  const json: null | JwtPayload = jwt.decode(token, { json: true });
  const nothing: DecodeResult = jwt.decode("nothing", decodeOptions);
  const returned: SignResult = undefined as unknown as SignResult;

  const find: GetPublicKeyOrSecret = (found: JwtHeader, done: SigningKeyCallback) =>
    done(null, found.kid === "k1" ? bytes : undefined);
  const looked = await new Promise<string | undefined>((resolve, reject) => {
    jwt.verify(token, find, { algorithms: ["HS256"] }, (error: VerifyErrors | null, claims) =>
      error ? reject(error) : resolve((claims as JwtPayload).sub),
    );
  });
  const signed = await new Promise<string>((resolve, reject) => {
    const done: SignCallback = (error: Error | null, made?: string) =>
      error ? reject(error) : resolve(made as string);
    jwt.sign({ sub: "ada" }, bytes, { expiresIn: ending }, done);
  });
  const named: VerifyCallback<JwtPayload> = (error, claims) => void [error?.message, claims?.sub];
  jwt.verify(signed, "another", (error, claims) => {
    if (error instanceof jwt.TokenExpiredError) error.expiredAt.getTime();
    if (error?.inner) named(error, claims as JwtPayload);
  });
  const later = await promised(token, bytes, undefined);
  void [chain, text, payload, decoded, whole, json, nothing, returned, privateKeys, publicKeys, verifyOptions, module_];
  return [looked, later.sub, cast.sub, verifyAs<{ sub: string }>(token).sub, complete.header.kid];
}

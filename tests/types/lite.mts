// The functions for secrets alone, which take nothing else.

import { createSecretKey, generateKeyPairSync } from "node:crypto";
import {
  createSessions,
  createSigner,
  createVerifier,
  decode,
  type JwtPayload,
  memoryStore,
  type SecretKey,
  type Sessions,
  sign,
  signAsync,
  verify,
  verifyAsync,
} from "tandem-jwt/lite";

const secrets: SecretKey[] = ["secret", Buffer.from("secret"), new ArrayBuffer(8), createSecretKey(Buffer.alloc(32))];
const token: string = sign({ sub: "ada" }, secrets[0]!, { expiresIn: "15m" });
const payload: JwtPayload | string = verify(token, "secret");
const { role } = verify<{ role: string }>(token, "secret");
const later: Promise<string> = signAsync({}, async () => "secret");
const header: string = verify(token, "secret", { complete: true }).header.alg;
const verified: Promise<JwtPayload | string> = verifyAsync(token, (header) => header.kid ?? "secret");
const signer: (payload: object) => string = createSigner("secret");
const verifier: (token: string) => JwtPayload | string = createVerifier("secret", { cache: 10 });
const sessions: Sessions = createSessions({
  issuer: "https://id.example",
  audience: "https://api.example",
  clientId: "web",
  keys: { access: "a secret of at least thirty-two bytes" },
  store: memoryStore(),
});

const jwk = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }) as { kty: string };
// @ts-expect-error: a JWK needs tandem-jwt
verify(token, jwk);
// @ts-expect-error: so does a set
verify(token, { keys: [jwk] });
// @ts-expect-error: and a key file with its passphrase
sign({}, { key: "PEM", passphrase: "secret" });

void [payload, role, later, header, verified, signer, verifier, sessions, decode(token)];

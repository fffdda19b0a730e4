/**
 * The contenders: this package, the least code that creates and verifies a token with WebCrypto, and JavaScript without
 * either.
 */

import { type Algorithm, createSigner, createVerifier, generateKey, type Jwk } from "tandem-jwt";
import type { Contender } from "./contender.js";
import { decode, encode, utf8 } from "./encoding.js";

/** One algorithm from each family that browsers support. */
export type Timed = "HS256" | "ES256" | "RS256" | "EdDSA";

const CLAIMS = { userId: "12345", role: "user" };
const HASH = { name: "SHA-256" };
/** The WebCrypto parameters of each: for importing the key, and for using it. */
const BY: Record<Timed, { import: object; use: object }> = {
  HS256: { import: { name: "HMAC", hash: HASH }, use: { name: "HMAC" } },
  ES256: { import: { name: "ECDSA", namedCurve: "P-256" }, use: { name: "ECDSA", hash: HASH } },
  RS256: { import: { name: "RSASSA-PKCS1-v1_5", hash: HASH }, use: { name: "RSASSA-PKCS1-v1_5" } },
  EdDSA: { import: { name: "Ed25519" }, use: { name: "Ed25519" } },
};

/**
 * All contenders, with the same key. WebCrypto is left out if the browser lacks the algorithm, and so is anything that
 * could not be loaded.
 */
export async function contenders(algorithm: Timed): Promise<Contender[]> {
  const [secret, open] = keysOf(algorithm);
  const found = [byWasm(algorithm, secret, open)];
  for (const make of [byWebCrypto, withoutWasm]) {
    try {
      found.push(...(await make(algorithm, secret, open)));
    } catch {
      // The other contenders still run.
    }
  }
  return found;
}

/** What a page can do without this package and without waiting for a promise. */
async function withoutWasm(algorithm: Timed, secret: Jwk, open: Jwk): Promise<Contender[]> {
  if (algorithm !== "ES256" && algorithm !== "RS256") return [];
  const { byBigInt, byNoble } = await import("./by-hand.js");
  if (algorithm === "ES256") return [byNoble(secret, open)];
  const signer = createSigner(secret, { algorithm, expiresIn: "15m" });
  return [byBigInt(open, [signer({ ...CLAIMS, at: 0 }), signer({ ...CLAIMS, at: 1 })])];
}

/** The keys to sign and to verify with: for HMAC the same one. */
function keysOf(algorithm: Timed): [secret: Jwk, open: Jwk] {
  if (algorithm === "HS256") {
    const { jwk } = generateKey(algorithm);
    return [jwk, jwk];
  }
  const { privateJwk, publicJwk } = generateKey(algorithm);
  return [privateJwk, publicJwk];
}

/** This package, with one key that is read once for many tokens. */
function byWasm(algorithm: Algorithm, secret: Jwk, open: Jwk): Contender {
  const signer = createSigner(secret, { algorithm, expiresIn: "15m" });
  const verifier = createVerifier(open, { algorithms: [algorithm] });
  // Each token is new, as on a server.
  let made: string[] = [];
  return {
    name: "tandem-jwt, wasm",
    sign(rounds) {
      made = Array.from({ length: rounds }, (_, at) => signer({ ...CLAIMS, at }));
    },
    verify(rounds) {
      for (let round = 0; round < rounds; round += 1) verifier(made[round % made.length]!);
    },
  };
}

/** The minimum that a program without a library writes: it checks only signature, `alg` and `exp`. */
async function byWebCrypto(algorithm: Timed, secret: Jwk, open: Jwk): Promise<Contender[]> {
  const by = BY[algorithm];
  const key = async (jwk: Jwk, use: KeyUsage): Promise<CryptoKey> => {
    // Not every browser accepts "EdDSA" as the `alg` of a JWK.
    const { alg: _, kid: __, ...bare } = jwk;
    return crypto.subtle.importKey("jwk", bare as JsonWebKey, by.import as Algorithms, false, [use]);
  };
  // Imported before the clock starts. Rejects if the browser lacks the algorithm, and then there is no contender.
  const signKey = await key(secret, "sign");
  const verifyKey = await key(open, "verify");
  const header = encode(utf8(JSON.stringify({ alg: algorithm, typ: "JWT" })));
  let made: string[] = [];
  const contender: Contender = {
    name: "WebCrypto",
    async sign(rounds) {
      made = [];
      for (let at = 0; at < rounds; at += 1) {
        // The same claims as the other contenders, so that equally many bytes are signed.
        const iat = Math.floor(Date.now() / 1000);
        const body = `${header}.${encode(utf8(JSON.stringify({ ...CLAIMS, at, iat, exp: iat + 900 })))}`;
        const signature = await crypto.subtle.sign(by.use as Algorithms, signKey, utf8(body));
        made.push(`${body}.${encode(new Uint8Array(signature))}`);
      }
    },
    async verify(rounds) {
      for (let round = 0; round < rounds; round += 1) {
        const [head = "", body = "", signature = ""] = made[round % made.length]!.split(".");
        const parsed = JSON.parse(new TextDecoder().decode(decode(head))) as { alg: string };
        const data = utf8(`${head}.${body}`);
        const isGood = await crypto.subtle.verify(by.use as Algorithms, verifyKey, decode(signature), data);
        const claims = JSON.parse(new TextDecoder().decode(decode(body))) as { exp: number };
        if (!isGood || parsed.alg !== algorithm || claims.exp * 1000 < Date.now()) throw new Error("not valid");
      }
    },
  };
  return [contender];
}

type Algorithms = Parameters<SubtleCrypto["importKey"]>[2] & Parameters<SubtleCrypto["sign"]>[0];

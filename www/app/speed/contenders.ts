/**
 * The contenders: this package, the least code that makes and checks a token by WebCrypto, and JavaScript without
 * either.
 */

import { type Algorithm, createSigner, createVerifier, generateKey, type Jwk } from "tandem-jwt";
import type { Contender } from "./contender.js";
import { decode, encode, utf8 } from "./encoding.js";

/** One algorithm of each family that browsers have. */
export type Timed = "HS256" | "ES256" | "RS256" | "EdDSA";

const CLAIMS = { userId: "12345", role: "user" };
const HASH = { name: "SHA-256" };
/** How WebCrypto is told of each: the key at its import, and the operation at its use. */
const BY: Record<Timed, { import: object; use: object }> = {
  HS256: { import: { name: "HMAC", hash: HASH }, use: { name: "HMAC" } },
  ES256: { import: { name: "ECDSA", namedCurve: "P-256" }, use: { name: "ECDSA", hash: HASH } },
  RS256: { import: { name: "RSASSA-PKCS1-v1_5", hash: HASH }, use: { name: "RSASSA-PKCS1-v1_5" } },
  EdDSA: { import: { name: "Ed25519" }, use: { name: "Ed25519" } },
};

/**
 * All with the same key. Left out are WebCrypto where the browser lacks the algorithm, and what could not be brought.
 */
export async function contenders(algorithm: Timed): Promise<Contender[]> {
  const [secret, open] = keysOf(algorithm);
  const found = [byWasm(algorithm, secret, open)];
  for (const make of [byWebCrypto, withoutWasm]) {
    try {
      found.push(...(await make(algorithm, secret, open)));
    } catch {
      // The others run.
    }
  }
  return found;
}

/** The ways of a page that has neither this package nor time to wait for a promise. */
async function withoutWasm(algorithm: Timed, secret: Jwk, open: Jwk): Promise<Contender[]> {
  if (algorithm !== "ES256" && algorithm !== "RS256") return [];
  const { byBigInt, byNoble } = await import("./by-hand.js");
  if (algorithm === "ES256") return [byNoble(secret, open)];
  const signer = createSigner(secret, { algorithm, expiresIn: "15m" });
  return [byBigInt(open, [signer({ ...CLAIMS, at: 0 }), signer({ ...CLAIMS, at: 1 })])];
}

/** The key to sign with and the one to verify with: for HMAC the same one. */
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
  // Each token is a new one, as a server sees them.
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

/** The least that a program without a library writes: no more checks than signature, `alg` and `exp`. */
async function byWebCrypto(algorithm: Timed, secret: Jwk, open: Jwk): Promise<Contender[]> {
  const by = BY[algorithm];
  const key = async (jwk: Jwk, use: KeyUsage): Promise<CryptoKey> => {
    // An `alg` of "EdDSA" is not the name that every browser wants to read there.
    const { alg: _, kid: __, ...bare } = jwk;
    return crypto.subtle.importKey("jwk", bare as JsonWebKey, by.import as Algorithms, false, [use]);
  };
  // Imported before the clock runs. Rejects where the browser lacks the algorithm, and then there is no contender.
  const signKey = await key(secret, "sign");
  const verifyKey = await key(open, "verify");
  const header = encode(utf8(JSON.stringify({ alg: algorithm, typ: "JWT" })));
  let made: string[] = [];
  const contender: Contender = {
    name: "WebCrypto",
    async sign(rounds) {
      made = [];
      for (let at = 0; at < rounds; at += 1) {
        // The same claims as the others write, so that as many bytes are signed.
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

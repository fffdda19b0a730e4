/**
 * Tokens in JavaScript alone: ES256 with @noble/curves, and RS256 verification in a few lines of BigInt. Signing with
 * BigInt is left out, because its timing leaks the key.
 */
import { p256 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Jwk } from "tandem-jwt";
import type { Contender } from "./contender.js";
import { decode, encode, utf8 } from "./encoding.js";

/** Whether the signature over the first two parts of a token is valid. */
type Check = (signature: Uint8Array, input: Uint8Array) => boolean;

/** ES256 with a key that is read once, as in a program that signs many tokens. */
export function byNoble({ d }: Jwk, { x, y }: Jwk): Contender {
  const secretKey = decode(String(d));
  // 4 marks an uncompressed point (SEC 1 §2.3.3).
  const publicKey = Uint8Array.of(4, ...decode(String(x)), ...decode(String(y)));
  const header = encode(utf8(JSON.stringify({ alg: "ES256", typ: "JWT" })));
  // JWS accepts both values of s (RFC 7518 §3.4); `lowS` would refuse half of the signatures made by others.
  const check: Check = (signature, input) => p256.verify(signature, input, publicKey, { lowS: false });
  // `verify` takes the tokens that `sign` made, each of them different, as a server would see.
  let made: string[] = [];
  return {
    name: "@noble/curves",
    sign(rounds) {
      made = Array.from({ length: rounds }, (_, at) => {
        const iat = Math.floor(Date.now() / 1000);
        const claims = { userId: "12345", role: "user", at, iat, exp: iat + 900 };
        const input = `${header}.${encode(utf8(JSON.stringify(claims)))}`;
        return `${input}.${encode(p256.sign(utf8(input), secretKey, { lowS: false }))}`;
      });
    },
    verify: (rounds) => verifyAll(made, rounds, "ES256", check),
  };
}

/** SHA-256 in a PKCS #1 v1.5 block (RFC 8017 section 9.2, note 1). */
const SHA_256 = "3031300d060960864801650304020105000420";

/** RS256, verification only: the public exponent is short, and nothing here is secret. */
export function byBigInt({ n, e }: Jwk, tokens: readonly string[]): Contender {
  // The key is read once, outside the timed part.
  const bytes = decode(String(n));
  const [modulus, exponent] = [numberOf(bytes), numberOf(decode(String(e)))];
  const check: Check = (signature, input) => {
    const tail = `00${SHA_256}${hex(sha256(input))}`;
    // The expected block is built and compared as a whole. Parsing the one in the signature invites forgeries.
    const block = BigInt(`0x01${"ff".repeat(bytes.length - 2 - tail.length / 2)}${tail}`);
    return signature.length === bytes.length && power(numberOf(signature), exponent, modulus) === block;
  };
  return { name: "BigInt, by hand", verify: (rounds) => verifyAll(tokens, rounds, "RS256", check) };
}

/** Everything that a verification needs: header, signature and expiry, which the other contenders check too. */
function verifyAll(tokens: readonly string[], rounds: number, algorithm: string, check: Check): void {
  for (let round = 0; round < rounds; round += 1) {
    const [head = "", body = "", signature = ""] = tokens[round % tokens.length]!.split(".");
    const { alg } = JSON.parse(new TextDecoder().decode(decode(head))) as { alg: string };
    const isGood = alg === algorithm && check(decode(signature), utf8(`${head}.${body}`));
    const claims = JSON.parse(new TextDecoder().decode(decode(body))) as { exp: number };
    if (!isGood || claims.exp * 1000 < Date.now()) throw new Error("not valid");
  }
}

/** Square-and-multiply. Its timing depends on the exponent, which is public here. */
function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${hex(bytes)}`);
}

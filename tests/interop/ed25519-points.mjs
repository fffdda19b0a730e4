/**
 * Ed25519 where implementations disagree: keys and signatures with points of small order, sums with such points, and
 * encodings that are not reduced. Prints as JSON how many signatures each back end took, and the first ones on which
 * this host and the wasm differ.
 */
import { createHash, randomInt } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { setBackend, verify } from "tandem-jwt";

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
const FIELD = 2n ** 255n - 19n;
const OF_ORDER_8 = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", true);

const little = (value) => Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 255n));
const number = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
const withSign = (bytes) => bytes.with(31, bytes[31] ^ 0x80);

const small = [Point.ZERO];
while (small.length < 8) small.push(small.at(-1).add(OF_ORDER_8));
/** Every encoding of a point of small order, and of the few numbers that are not reduced. */
const odd = [
  ...small.map((point) => point.toBytes()),
  ...Array.from({ length: 19 }, (_, at) => little(FIELD + BigInt(at))),
].flatMap((bytes) => [bytes, withSign(bytes)]);

const head = Buffer.from('{"alg":"EdDSA","typ":"JWT"}').toString("base64url");
const cases = [];
function add(what, key, sign) {
  const body = Buffer.from(JSON.stringify({ what, salt: randomInt(2 ** 40) })).toString("base64url");
  const input = `${head}.${body}`;
  const challenge = (R) => number(createHash("sha512").update(R).update(key).update(input).digest()) % ORDER;
  const { R, S } = sign(challenge);
  const signature = Buffer.concat([R, little(S)]).toString("base64url");
  cases.push({ what, x: Buffer.from(key).toString("base64url"), token: `${input}.${signature}` });
}

for (const key of odd) {
  for (const point of small) {
    const S = BigInt(randomInt(1, 2 ** 40));
    for (let round = 0; round < 4; round += 1) {
      add("odd key", key, () => ({ R: Point.BASE.multiply(S).add(point).toBytes(), S }));
      add("odd key, small R", key, () => ({ R: point.toBytes(), S: 0n }));
    }
  }
  for (const R of odd) add("odd key, odd R", key, () => ({ R, S: 0n }));
}
const secret = BigInt(randomInt(1, 2 ** 47)) ** 5n;
for (const more of small) {
  const key = Point.BASE.multiply(secret % ORDER)
    .add(more)
    .toBytes();
  for (const other of small) {
    for (let round = 0; round < 4; round += 1) {
      const nonce = BigInt(randomInt(1, 2 ** 40));
      const R = Point.BASE.multiply(nonce).add(other).toBytes();
      const S = (challenge) => (nonce + challenge(R) * secret) % ORDER;
      add("mixed key and R", key, (challenge) => ({ R, S: S(challenge) }));
      add("S + L", key, (challenge) => ({ R, S: S(challenge) + ORDER }));
      add("R, negative", key, (challenge) => ({ R: withSign(R), S: S(challenge) }));
    }
  }
  for (const R of odd) add("odd R", key, (challenge) => ({ R, S: (challenge(R) * secret) % ORDER }));
}

function judged(backend, { x, token }) {
  setBackend(backend);
  try {
    verify(token, { kty: "OKP", crv: "Ed25519", x }, { algorithms: ["EdDSA"] });
    return "right";
  } catch ({ message }) {
    return message;
  } finally {
    setBackend("auto");
  }
}

const taken = { node: 0, wasm: 0 };
const differences = [];
for (const one of cases) {
  const verdicts = { node: judged("node", one), wasm: judged("wasm", one) };
  for (const [backend, verdict] of Object.entries(verdicts)) if (verdict === "right") taken[backend] += 1;
  if (verdicts.node !== verdicts.wasm) differences.push({ ...one, ...verdicts });
}
console.log(JSON.stringify({ cases: cases.length, taken, differences: differences.slice(0, 5) }));

// One case of memory.mjs, in a process of its own: `{ kind, name, counts }`, where counts grow.

import { createHmac, createSecretKey, generateKeyPairSync } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";

import { createSigner, createVerifier } from "fast-jwt";
import original from "jsonwebtoken";
import tandem from "tandem-jwt";

const { kind, name, counts } = JSON.parse(process.argv[2]);
const jwt = name === "jsonwebtoken" ? original : tandem;
const payload = { sub: "248289761001", name: "Jane Doe" };
const PEM = { format: "pem", type: "spki" };

/** A function of the number of the operation, for each kind of case. */
const KINDS = {
  "one secret": () => {
    const text = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    if (name === "fast-jwt") {
      const [sign, verify] = [createSigner({ key: text }), createVerifier({ key: text })];
      return () => verify(sign(payload));
    }
    const secret = createSecretKey(text, "utf8");
    return () => jwt.verify(jwt.sign(payload, secret), secret);
  },
  "new secrets": () => {
    const input = original.sign(payload, "any").split(".", 2).join(".");
    return (at) => {
      const secret = `the secret of a tenant that comes once, ${at}`;
      const token = `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
      return jwt.verify(token, secret, { algorithms: ["HS256"] });
    };
  },
  "one PEM": () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const [token, pem] = [original.sign(payload, privateKey, { algorithm: "RS256" }), publicKey.export(PEM)];
    if (name === "fast-jwt") {
      const verify = createVerifier({ key: pem });
      return () => verify(token);
    }
    return () => jwt.verify(token, pem, { algorithms: ["RS256"] });
  },
  "new PEMs": () => {
    const options = { algorithm: "ES256" };
    return () => {
      const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const token = original.sign(payload, privateKey, options);
      return jwt.verify(token, publicKey.export(PEM), { algorithms: ["ES256"] });
    };
  },
};

const operation = KINDS[kind]();
const grown = [];
let at = 0;
for (const count of counts) {
  for (; at < count; at++) {
    if (operation(at).sub !== payload.sub) throw new Error("a token was not verified");
    // Finalizers get their turn.
    if (at % 1_000 === 999) await turn();
  }
  for (let time = 0; time < 3; time++) {
    globalThis.gc();
    await turn();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  grown.push({ rss, inUse: heapUsed + external });
}
console.log(JSON.stringify(grown));

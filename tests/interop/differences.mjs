// Where tandem-jwt means to differ from npm jsonwebtoken. A difference that is not named here is a defect.

import { generateKeyPairSync } from "node:crypto";
import jwt from "jsonwebtoken";

const SECRET = "secret";
const b64 = (text) => Buffer.from(text).toString("base64url");
const pem = (type, options) =>
  generateKeyPairSync(type, {
    ...options,
    publicKeyEncoding: { format: "pem", type: "spki" },
    privateKeyEncoding: { format: "pem", type: "pkcs8" },
  });
const { publicKey: PUBLIC_PEM, privateKey: PRIVATE_PEM } = pem("ec", { namedCurve: "prime256v1" });
const isPublicPem = (key) =>
  (typeof key === "string" || Buffer.isBuffer(key)) && String(key).startsWith("-----BEGIN PUBLIC KEY-----");
const refusedAsNoToken = (ours, call) => call.verb === "verify" && ours.error?.message === "invalid token";
/** The message of an error, thrown or heard by a callback. */
const said = (outcome) => outcome.error?.message ?? outcome.value?.heard?.[0]?.message ?? "";
/** A token without an audience, by the secret. */
const SIGNED = jwt.sign({ iat: 1 }, SECRET);
const verifying = (token, rest = {}) => ({ verb: "verify", token, arguments: [token, SECRET], ...rest });

/**
 * `theirs` and `ours` are `{ value }` or `{ error }`; `call` is what was called. An entry explains as little as it can.
 * @type {Array<{ name: string, reason: string, explains: (theirs: any, ours: any, call: any) => boolean, example: ()
 * => any }>}
 */
export const differences = [
  {
    name: "no-crash",
    reason: "a TypeError from inside the original, where a clear error belongs",
    explains: (theirs, ours) =>
      theirs.error instanceof TypeError &&
      /^Cannot read properties of|is not a function$/.test(theirs.error.message) &&
      typeof ours.error?.code === "string",
    example: () => ({ verb: "sign", arguments: [{}, null, { algorithm: "none", header: { alg: "HS256" } }] }),
  },
  {
    name: "canonical-base64url",
    reason:
      "one spelling a token (RFC 4648 §3.5): spare bits that are not zero are refused, in a signature as a wrong one",
    explains: (_theirs, ours, call) =>
      (refusedAsNoToken(ours, call) && hasSpareBits(call.token.split(".").slice(0, 2))) ||
      (call.verb === "verify" &&
        ours.error?.message === "invalid signature" &&
        hasSpareBits(call.token.split(".").slice(2))),
    example: () => verifying("eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfR.AAAA"),
  },
  {
    name: "duplicate-header-members",
    reason: "a header that two parsers may read differently is refused (RFC 7515 §4)",
    explains: (_theirs, ours, call) => refusedAsNoToken(ours, call) && call.label === "duplicate",
    example: () => verifying(`${b64('{"alg":"HS256","alg":"HS256"}')}.${b64("{}")}.AAAA`, { label: "duplicate" }),
  },
  {
    name: "critical-header",
    reason: "extensions that are not understood must be refused (RFC 7515 §4.1.11, RFC 7797)",
    explains: (_theirs, ours, call) => call.verb === "verify" && ours.error?.code === "ERR_JWT_HEADER",
    example: () => verifying(`${b64('{"alg":"HS256","crit":["exp"]}')}.${b64("{}")}.AAAA`),
  },
  {
    name: "ascii-header",
    reason: "the original writes non-ASCII header text as latin1, which is no JSON; here it is escaped",
    explains: (theirs, ours, call) =>
      call.verb === "sign" &&
      withoutHeader(theirs.value) === withoutHeader(ours.value) &&
      /[^\0-\x7f]/.test(JSON.stringify(call.arguments[2])),
    example: () => ({ verb: "sign", arguments: [{ iat: 1 }, null, { algorithm: "none", keyid: "é" }] }),
  },
  {
    name: "header-text",
    reason: "headers are UTF-8 (RFC 7515 §3); the original reads them as latin1",
    explains: (theirs, ours, call) =>
      call.label === "latin1-header" && (theirs.value !== undefined) === (ours.value !== undefined),
    example: () => ({
      verb: "decode",
      label: "latin1-header",
      arguments: [`${b64('{"alg":"HS256","kid":"é"}')}.${b64("{}")}.`, { complete: true }],
    }),
  },
  {
    name: "public-key-is-no-secret",
    reason: "whoever knows a public key could sign with it (RFC 8725 §2.1)",
    explains: (_theirs, ours, call) =>
      call.verb === "sign" && ours.error?.code === "ERR_KEY_INVALID" && isPublicPem(call.arguments[1]),
    example: () => ({ verb: "sign", arguments: [{ iat: 1 }, PUBLIC_PEM] }),
  },
  {
    name: "ecdsa-signature-length",
    reason: "a signature of a wrong length is a wrong signature, no bug of the program that got it",
    explains: (theirs, ours) =>
      / signatures must be "/.test(theirs.error?.message) && ours.error?.message === "invalid signature",
    example: () => ({ verb: "verify", arguments: [`${b64('{"alg":"ES256"}')}.${b64("{}")}.AAAA`, PUBLIC_PEM] }),
  },
  {
    name: "proto-member",
    reason:
      "a member called __proto__, as JSON.parse makes it, is signed as it is; the original's copy takes it for the prototype of the claims",
    explains: (_theirs, ours, call) =>
      call.verb === "sign" && typeof ours.value === "string" && Object.hasOwn(Object(call.arguments[0]), "__proto__"),
    example: () => ({ verb: "sign", arguments: [JSON.parse('{"iat":1,"__proto__":{"sub":"inherited"}}'), "secret"] }),
  },
  {
    name: "misfit-allowed",
    reason:
      "allowInvalidAsymmetricKeyTypes lets a key through to its algorithm, which still signs with keys of its own only (RFC 7518 §3)",
    explains: (_theirs, ours, call) =>
      call.arguments[2]?.allowInvalidAsymmetricKeyTypes === true &&
      (call.verb === "sign"
        ? ours.error?.message === "secretOrPrivateKey cannot be used with this algorithm"
        : ours.error?.message === "invalid signature"),
    example: () => ({
      verb: "sign",
      arguments: [{ iat: 1 }, PRIVATE_PEM, { algorithm: "ES384", allowInvalidAsymmetricKeyTypes: true }],
    }),
  },
  {
    name: "algorithms-is-an-array",
    reason: "the original searches a string as text, so that ES256K admits ES256",
    explains: (_theirs, ours, call) =>
      said(ours) === '"algorithms" must be an array' && !Array.isArray(call.arguments[2]?.algorithms),
    example: () => ({ verb: "verify", token: SIGNED, arguments: [SIGNED, SECRET, { algorithms: "HS256" }] }),
  },
  {
    name: "expectations-have-a-type",
    reason: "an expectation that nothing is compared with lets every token pass, or none",
    explains: (_theirs, ours, call) =>
      call.verb === "verify" && /^(?:audience|issuer|subject|jwtid|clockTolerance) must be /.test(said(ours)),
    example: () => ({ verb: "verify", token: SIGNED, arguments: [SIGNED, SECRET, { issuer: 5 }] }),
  },
  {
    name: "audience-needs-a-claim",
    reason: "the original tests a RegExp against the text of a claim that is missing, or is not text",
    explains: (_theirs, ours, call) =>
      call.verb === "verify" && /^jwt audience invalid/.test(said(ours)) && !hasTextAudience(call.token),
    example: () => ({ verb: "verify", token: SIGNED, arguments: [SIGNED, SECRET, { audience: /^undefined$/ }] }),
  },
  {
    name: "inherited-options",
    reason: "an option that somebody has put into a prototype is none that the caller gave",
    explains: (_theirs, _ours, call) => call.verb === "sign" && hasInherited(call.arguments[2]),
    example: () => ({ verb: "sign", arguments: ["text", SECRET, Object.create({ issuer: "inherited" })] }),
  },
  {
    name: "header-must-be-an-object",
    reason: "a header that is no JSON object is no header (RFC 7515 §4)",
    explains: (_theirs, ours, call) => refusedAsNoToken(ours, call) && call.label === "odd-header",
    example: () => verifying(`${b64("[]")}.${b64("{}")}.AAAA`, { label: "odd-header" }),
  },
];

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function hasSpareBits(parts) {
  return parts.some((part) => {
    // A last character alone carries no byte at all.
    if (part.length % 4 === 1) return true;
    const spare = [1, 64, 16, 4][part.length % 4];
    return ALPHABET.indexOf(part.at(-1)) % spare !== 0;
  });
}

/** Whether an object has members of its prototype's. */
function hasInherited(value) {
  if (typeof value !== "object" || value === null) return false;
  for (const name in value) if (!Object.hasOwn(value, name)) return true;
  return false;
}

/** Whether the audience of a token is text, or a list of texts. */
function hasTextAudience(token) {
  let claimed;
  try {
    claimed = jwt.decode(token, { json: true })?.aud;
  } catch {
    return false;
  }
  return [claimed].flat().every((target) => typeof target === "string");
}

/** Payload of a token; its signature covers the header too, so that can differ. */
function withoutHeader(token) {
  return typeof token === "string" ? token.split(".")[1] : NaN;
}

/**
 * The host's own synchronous cryptography, where there is one: for RSA and the NIST curves it is 5 to 500 times as fast
 * as the wasm, and its RSA signing is constant-time, which that of pure Rust is not (RUSTSEC-2023-0071).
 *
 * The wasm reads and judges every key first, so that all hosts behave alike; only the arithmetic is lent out. Where the
 * host refuses a key, or throws, the wasm does the work. A CryptoKey is the exception: only the host holds it, so
 * WebCrypto does the work instead.
 */
import { isBytes } from "../core/kinds.js";
import { algorithmsWhere, factsOf } from "./algorithms.js";
import { isForced, mayUse } from "./backend.js";
import { derSignature, rawSignature } from "./ecdsa-der.js";
import { derOf } from "./exported.js";
import type { Key } from "./key.js";
import { isLendable } from "./key-fit.js";
import type { KeyObjectLike } from "./types.js";

/** The part of `node:crypto` that is used here. Node, Bun, Deno, and workerd with nodejs_compat have it. */
interface NodeCrypto {
  createPublicKey(file: KeyFile): KeyObjectLike;
  createPrivateKey(file: KeyFile): KeyObjectLike;
  verify(hash: string | null, data: Uint8Array, key: object, signature: Uint8Array): boolean;
  sign(hash: string | null, data: Uint8Array, key: object): Uint8Array;
  // The members below serve CryptoKeys alone, and a host may lack them.
  readonly KeyObject?: { from?(key: CryptoKey): KeyObjectLike & { readonly asymmetricKeyType?: string } };
  createHmac?(hash: string, key: object): { update(data: Uint8Array): { digest(): Uint8Array } };
  timingSafeEqual?(one: Uint8Array, other: Uint8Array): boolean;
}

/** A key file as `createPublicKey` and `createPrivateKey` take it. */
interface KeyFile {
  readonly key: Uint8Array | KeyObjectLike;
  readonly format?: "pem" | "der";
  readonly type?: "spki" | "pkcs8";
  readonly passphrase?: Uint8Array;
}

/** The parameters of an algorithm, as the host takes them. */
interface Scheme {
  /** Null where the algorithm fixes its own. */
  readonly hash: string | null;
  readonly padding?: { readonly padding: number; readonly saltLength: number };
  /** The length of r and of s in bytes, for ECDSA. */
  readonly scalarLength: number;
}

/** `RSA_PKCS1_PSS_PADDING` of OpenSSL. */
const PSS = 6;

/** The parameters of each algorithm. A PSS salt is as long as the hash (RFC 7518 section 3.5). */
const SCHEMES: ReadonlyMap<string, Scheme> = new Map(
  algorithmsWhere(({ webCrypto }) => webCrypto !== undefined).map((name) => {
    const { bits = 0, curve, webCrypto } = factsOf(name)!;
    const padding = webCrypto === "RSA-PSS" ? { padding: { padding: PSS, saltLength: bits / 8 } } : {};
    const hash = bits === 0 ? null : `sha${bits}`;
    return [name, { hash, scalarLength: curve?.scalarLength ?? 0, ...padding }];
  }),
);

/**
 * The wasm does these faster than the hosts that were measured; see docs/benchmarks.md. It is a third to a half faster
 * than OpenSSL and BoringSSL, and 1.6 to 4 times as fast as Deno.
 */
const FASTER_IN_WASM =
  "Deno" in globalThis
    ? {
        verify: algorithmsWhere(({ keyTypes }) => keyTypes.includes("rsa") || keyTypes.includes("ec")),
        sign: algorithmsWhere(({ keyTypes }) => keyTypes.includes("ec")),
      }
    : { verify: ["ES384", "ES512"], sign: ["ES512"] };

/** The parameters of an algorithm, if this operation is lent to the host. */
function schemeFor(operation: "sign" | "verify", alg: string): Scheme | undefined {
  if (factsOf(alg)?.lent === undefined) return undefined;
  return FASTER_IN_WASM[operation].includes(alg) && !isForced("node") ? undefined : SCHEMES.get(alg);
}

/** How many operations the host has done, for tests that are about it. */
const counts = { sign: 0, verify: 0 };
/** The host's cryptography: undefined until the first use looks for it, and null where the host has none. */
let found: NodeCrypto | null | undefined;
/** The host's copy of each key, collected together with ours. */
const imports = new WeakMap<Key, object | null>();

/** How many signatures the host has made and judged. */
export function hostCounts(): Readonly<typeof counts> {
  return { ...counts };
}

/** Whether a signature is right; undefined where the host cannot tell. */
export function verifyByNode(key: Key, alg: string, data: Uint8Array, signature: Uint8Array): boolean | undefined {
  const scheme = schemeFor("verify", alg);
  const imported = scheme && importedKey(key, alg);
  return imported ? verifyWith(imported, scheme, data, signature) : undefined;
}

function verifyWith(key: object, scheme: Scheme, data: Uint8Array, signature: Uint8Array): boolean | undefined {
  const { scalarLength } = scheme;
  // RFC 7518 §3.4 fixes the length. In DER a shortened number would verify too, a second spelling of one signature.
  if (scalarLength > 0 && signature.length !== 2 * scalarLength) return false;
  try {
    const encoded = scalarLength > 0 ? derSignature(signature, scalarLength) : signature;
    const isRight = found!.verify(scheme.hash, data, asked(key, scheme), encoded);
    // Counted after the call: a host that throws has judged nothing.
    counts.verify += 1;
    return isRight;
  } catch {
    return undefined;
  }
}

/** A signature, as JWS has it; undefined where the host cannot make it. */
export function signByNode(key: Key, alg: string, data: Uint8Array): Uint8Array | undefined {
  const scheme = schemeFor("sign", alg);
  const imported = scheme && importedKey(key, alg);
  return imported ? signWith(imported, scheme, data) : undefined;
}

function signWith(key: object, scheme: Scheme, data: Uint8Array): Uint8Array | undefined {
  try {
    const made = found!.sign(scheme.hash, data, asked(key, scheme));
    counts.sign += 1;
    return scheme.scalarLength > 0 ? rawSignature(made, scheme.scalarLength) : made;
  } catch {
    return undefined;
  }
}

/** The same by a CryptoKey that may sign by the algorithm. */
export function signByNodeFor(key: CryptoKey, alg: string, data: Uint8Array): Uint8Array | undefined {
  const object = objectOf(key);
  const scheme = SCHEMES.get(alg);
  if (!object || !scheme) return undefined;
  return key.type === "secret" ? macOf(object, scheme, data, "sign") : signWith(object, scheme, data);
}

/**
 * Whether a signature is right by a CryptoKey that may verify by the algorithm; undefined where the host cannot tell.
 */
export function verifyByNodeFor(
  key: CryptoKey,
  alg: string,
  data: Uint8Array,
  signature: Uint8Array,
): boolean | undefined {
  const object = objectOf(key);
  const scheme = SCHEMES.get(alg);
  if (!object || !scheme) return undefined;
  if (key.type !== "secret") return verifyWith(object, scheme, data, signature);
  const right = macOf(object, scheme, data, "verify");
  // `timingSafeEqual` throws for unequal lengths. The length of a MAC is public, so comparing it first reveals nothing.
  return right && right.length === signature.length && found!.timingSafeEqual!(right, signature);
}

function macOf(key: object, { hash }: Scheme, data: Uint8Array, purpose: "sign" | "verify"): Uint8Array | undefined {
  try {
    const mac = found!.createHmac!(hash!, key).update(data).digest();
    counts[purpose] += 1;
    return mac;
  } catch {
    return undefined;
  }
}

/** Each CryptoKey as `node:crypto` has it. It never leaves this file: it could be exported where a CryptoKey cannot. */
const ofCryptoKeys = new WeakMap<CryptoKey, object | null>();

/** A CryptoKey as `node:crypto` takes it; null where the host cannot convert it. */
function objectOf(key: CryptoKey): object | null {
  if (!hasNodeCrypto()) return null;
  let object = ofCryptoKeys.get(key);
  if (object === undefined) {
    // A refusal is remembered too, as null, so that the host is asked once for each key.
    object = takenFrom(key);
    ofCryptoKeys.set(key, object);
  }
  return object;
}

/**
 * From this version on Node warns when it is asked for a key that cannot be exported, and will throw one day (DEP0204).
 */
const WARNS_FROM = 24;

function takenFrom(key: CryptoKey): object | null {
  const { KeyObject, createHmac, timingSafeEqual } = found!;
  const isWhole = typeof KeyObject?.from === "function" && createHmac !== undefined && timingSafeEqual !== undefined;
  if (!isWhole || (!key.extractable && nodeVersion() >= WARNS_FROM)) return null;
  try {
    const object = KeyObject.from!(key);
    // Hosts disagree about the restrictions of such a key.
    return object.asymmetricKeyType === "rsa-pss" ? null : object;
  } catch {
    return null;
  }
}

function nodeVersion(): number {
  const { versions } = (globalThis as { process?: { versions?: { node?: string } } }).process ?? {};
  return Number.parseInt(versions?.node ?? "0", 10);
}

/** A key alone wherever that says it all: workerd takes no object around a `KeyObject`. */
function asked(key: object, { padding }: Scheme): object {
  return padding === undefined ? key : { key, ...padding };
}

/** The key as the host has it, made from what the wasm understood of it, so that both mean the same. */
function importedKey(key: Key, alg: string): object | null {
  if (!hasNodeCrypto() || !isLendable(key, alg)) return null;
  let imported = imports.get(key);
  if (imported === undefined) {
    imported = importKey(key);
    imports.set(key, imported);
  }
  return imported;
}

function importKey(key: Key): object | null {
  const der = derOf(key);
  if (der === undefined) return null;
  try {
    return key.type === "private"
      ? found!.createPrivateKey({ key: der, format: "der", type: "pkcs8" })
      : found!.createPublicKey({ key: der, format: "der", type: "spki" });
  } catch {
    return null;
  } finally {
    // The bytes may be a private key. The host has its own copy by now.
    der.fill(0);
  }
}

/**
 * A key file that the wasm does not know, such as one under an old cipher, as DER that it does; undefined where the
 * host cannot read it either. The wasm has judged by then how long a passphrase takes to try.
 */
export function readByNode(
  file: Uint8Array,
  purpose: "sign" | "verify",
  passphrase: Uint8Array | undefined,
): Uint8Array | undefined {
  if (!hasNodeCrypto() || typeof Buffer === "undefined") return undefined;
  const blocks = Buffer.from(file).latin1Slice(0, file.length).split("-----BEGIN").length - 1;
  // Of several blocks the host may read another one than the wasm has judged.
  if (blocks > 1) return undefined;
  const isPem = blocks === 1;
  const given: KeyFile = {
    key: file,
    ...(isPem ? { format: "pem" } : { format: "der", type: "pkcs8" }),
    ...(passphrase && { passphrase }),
  };
  try {
    // `createPublicKey` also takes a private key file, and gives its public half.
    const key = purpose === "sign" ? found!.createPrivateKey(given) : found!.createPublicKey(given);
    const der: unknown = key.export({ format: "der", type: purpose === "sign" ? "pkcs8" : "spki" });
    return isBytes(der) ? der : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the host has synchronous cryptography that may be asked. */
export function hasNodeCrypto(): boolean {
  // `null` is remembered too: on Next's edge each look is an exception.
  if (found === undefined) found = findNodeCrypto();
  return found !== null && mayUse("node");
}

/** Asked for by name at run time: an import would stop bundlers for hosts that lack it. */
function findNodeCrypto(): NodeCrypto | null {
  const host = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process;
  let module: Partial<NodeCrypto> | undefined;
  try {
    module = host?.getBuiltinModule?.("node:crypto") as Partial<NodeCrypto> | undefined;
  } catch {
    // Next's edge has a function under each name of `process`, and all of them throw.
  }
  const isWhole =
    typeof module?.createPublicKey === "function" &&
    typeof module.createPrivateKey === "function" &&
    typeof module.verify === "function" &&
    typeof module.sign === "function";
  return isWhole ? (module as NodeCrypto) : null;
}

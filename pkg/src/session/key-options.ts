// The keys of sessions, from what a caller gives to the bytes that the machine works with.

import { isBytes } from "../core/kinds.js";
import { TextEncoder } from "../core/text.js";
import type { Jwk } from "../jwt/types.js";
import { invalidOptions, SessionError } from "./errors.js";
import { machine } from "./machine.js";
import { type AccessPair, needsPairs, type PairSeam } from "./pair-seam.js";
import { isText } from "./text.js";
import type { AccessKeyInput, KeyPairInput, SecretInput, SessionOptions } from "./types.js";

/** The keys of an issuer. */
export interface SessionKeys {
  /** Opaque bytes of the machine. They hold secrets, and the names of key pairs. */
  readonly accessKeys: Uint8Array;
  readonly refreshKeys: Uint8Array;
  /** The key pairs of access tokens, each at the place that it has among the access keys. */
  readonly pairs: readonly (AccessPair | undefined)[];
}

/** Reads the keys of an issuer. Throws a `SessionError` that names the option. */
export function sessionKeysOf(keys: SessionOptions["keys"] | undefined, seam: PairSeam | undefined): SessionKeys {
  const access = listOf("keys.access", keys?.access);
  const pairs = access.map((key) => (isPair(key) ? named("keys.access", () => readPair(seam, key)) : undefined));
  const accessKeys = added("keys.access", access, (bytes, key, place) => {
    const pair = pairs[place];
    return pair === undefined
      ? machine((core) => core.session_add_access_key(bytes, ...secretOf("keys.access", key)))
      : machine((core) => core.session_add_access_pair(bytes, pair.kid, pair.algorithm, pair.signs));
  });
  const signs = machine((core) => core.session_access_signs(accessKeys))[0];
  if (signs === ANOTHER) throw invalidOptions("keys.access: the first key must be able to sign");
  // A server with public keys alone verifies the tokens of another one, and needs no secret.
  const retired = keys?.retired ?? [];
  if (signs === NONE && keys?.refresh === undefined) {
    if (retired.length > 0) throw invalidOptions("keys.retired has no effect without keys.refresh");
    return { accessKeys, refreshKeys: new Uint8Array(), pairs };
  }
  if (keys?.refresh === undefined && access.some(isPair)) {
    throw invalidOptions("keys.refresh is required where a key pair signs access tokens: refresh tokens take secrets");
  }
  const refresh = keys?.refresh === undefined ? access : listOf("keys.refresh", keys.refresh);
  const refreshKeys = added("keys.refresh", refresh, (bytes, key) =>
    machine((core) => core.session_add_refresh_key(bytes, ...secretOf("keys.refresh", key))),
  );
  // Retiring a name that a key still has is refused here.
  const known = retired.reduce<Uint8Array>(
    (bytes, kid) => named("keys.retired", () => machine((core) => core.session_retire_refresh_key(bytes, kid))),
    refreshKeys,
  );
  return { accessKeys, refreshKeys: known, pairs };
}

// Which of the keys can sign: none, the first, or another one.
const NONE = 0;
const ANOTHER = 2;

function listOf(option: string, input: AccessKeyInput | AccessKeyInput[] | undefined): AccessKeyInput[] {
  const list = Array.isArray(input) ? input : [input as AccessKeyInput];
  if (list.length === 0) throw invalidOptions(`${option} must hold at least one key`);
  return list;
}

function added(
  option: string,
  list: AccessKeyInput[],
  add: (bytes: Uint8Array, key: AccessKeyInput, place: number) => Uint8Array,
): Uint8Array {
  return list.reduce<Uint8Array>((bytes, key, place) => named(option, () => add(bytes, key, place)), new Uint8Array());
}

function readPair(seam: PairSeam | undefined, key: KeyPairInput): AccessPair {
  if (seam === undefined) throw needsPairs("key pairs");
  return seam.readPair(checkedPair(key));
}

function isPair(key: AccessKeyInput): key is KeyPairInput {
  return typeof key === "object" && key !== null && "key" in key;
}

function checkedPair({ kid, algorithm, key }: KeyPairInput): KeyPairInput {
  checkKid("keys.access", kid);
  if (algorithm !== undefined && !isText(algorithm))
    throw invalidOptions('keys.access: algorithm must be a name such as "ES256"');
  const isJwk = typeof key === "object" && key !== null;
  if (typeof key !== "string" && !isJwk) throw invalidOptions("keys.access: key must be PEM or a JWK");
  // A JWK is copied here, since it may be an instance of a class with more than its members. `HeldKey` copies bytes.
  return { kid, algorithm, key: isJwk && !isBytes(key) ? (JSON.parse(JSON.stringify(key)) as Jwk) : key };
}

function secretOf(option: string, key: AccessKeyInput): [kid: string | undefined, secret: Uint8Array] {
  const given: Partial<Exclude<SecretInput, string | Uint8Array>> =
    typeof key === "object" && key !== null && !isBytes(key) ? (key as object) : { secret: key as string };
  const { kid, secret } = given;
  checkKid(option, kid);
  if (typeof secret === "string" || isBytes(secret)) return [kid, bytesOf(secret)];
  throw invalidOptions(`${option} must be secrets: strings, bytes or { kid, secret }`);
}

function checkKid(option: string, kid: unknown): void {
  if (kid !== undefined && !isText(kid)) throw invalidOptions(`${option}: kid must be a non-empty string`);
}

const bytesOf = (material: string | Uint8Array) =>
  typeof material === "string" ? new TextEncoder().encode(material) : material;

/** Puts the option's name before the error of a key. */
function named<T>(option: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof SessionError) || error.code === "ERR_SESSION_OPTIONS") throw error;
    throw new SessionError(error.code, `createSessions: ${option}: ${error.message}`);
  }
}

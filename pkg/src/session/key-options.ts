// The keys of sessions, from what a caller gives to the bytes that the machine works with.

import { isBytes } from "../core/kinds.js";
import { TextEncoder } from "../core/text.js";
import { SessionError } from "./errors.js";
import { machine } from "./machine.js";
import { isText } from "./text.js";
import type { KeyInput, KeyPairInput, SecretInput, SessionOptions } from "./types.js";

/** Opaque bytes of the machine. They hold keys. Throws a `SessionError` that names the option. */
export function keysOf(keys: SessionOptions["keys"] | undefined): { accessKeys: Uint8Array; refreshKeys: Uint8Array } {
  const access = listOf("keys.access", keys?.access);
  const accessKeys = added("keys.access", access, (bytes, key) =>
    isPair(key)
      ? addPair(bytes, key)
      : machine((core) => core.session_add_access_key(bytes, ...secretOf("keys.access", key))),
  );
  const signs = machine((core) => core.session_access_signs(accessKeys))[0];
  if (signs === ANOTHER) throw wrong("keys.access: the first key must be able to sign");
  // Who holds public keys alone verifies what others issue, and has no secret.
  const retired = keys?.retired ?? [];
  if (signs === NONE && keys?.refresh === undefined) {
    if (retired.length > 0) throw wrong("keys.retired has no effect without keys.refresh");
    return { accessKeys, refreshKeys: new Uint8Array() };
  }
  if (keys?.refresh === undefined && access.some(isPair)) {
    throw wrong("keys.refresh is needed where access tokens are signed by a key pair: refresh tokens take secrets");
  }
  const refresh = keys?.refresh === undefined ? access : listOf("keys.refresh", keys.refresh);
  const refreshKeys = added("keys.refresh", refresh, (bytes, key) =>
    machine((core) => core.session_add_refresh_key(bytes, ...secretOf("keys.refresh", key))),
  );
  // One that is among those that verify is refused here.
  const known = retired.reduce<Uint8Array>(
    (bytes, kid) => named("keys.retired", () => machine((core) => core.session_retire_refresh_key(bytes, kid))),
    refreshKeys,
  );
  return { accessKeys, refreshKeys: known };
}

// Which of the keys can sign: none, the first, or another one.
const NONE = 0;
const ANOTHER = 2;

function listOf(option: string, input: KeyInput | KeyInput[] | undefined): KeyInput[] {
  const list = Array.isArray(input) ? input : [input as KeyInput];
  if (list.length === 0) throw wrong(`${option} must hold at least one key`);
  return list;
}

function added(option: string, list: KeyInput[], add: (bytes: Uint8Array, key: KeyInput) => Uint8Array): Uint8Array {
  return list.reduce<Uint8Array>((bytes, key) => named(option, () => add(bytes, key)), new Uint8Array());
}

function isPair(key: KeyInput): key is KeyPairInput {
  return typeof key === "object" && key !== null && "key" in key;
}

function addPair(bytes: Uint8Array, { kid, algorithm, key }: KeyPairInput): Uint8Array {
  checkKid("keys.access", kid);
  if (algorithm !== undefined && !isText(algorithm))
    throw wrong('keys.access: algorithm must be a name such as "ES256"');
  const isJwk = typeof key === "object" && key !== null && !isBytes(key);
  const material = isJwk ? JSON.stringify(key) : key;
  if (typeof material !== "string" && !isBytes(material)) throw wrong("keys.access: key must be PEM or a JWK");
  return machine((core) => core.session_add_access_pair(bytes, kid, algorithm, bytesOf(material)));
}

function secretOf(option: string, key: KeyInput): [kid: string | undefined, secret: Uint8Array] {
  const given: Partial<Exclude<SecretInput, string | Uint8Array>> =
    typeof key === "object" && key !== null && !isBytes(key) ? (key as object) : { secret: key as string };
  const { kid, secret } = given;
  checkKid(option, kid);
  if (typeof secret === "string" || isBytes(secret)) return [kid, bytesOf(secret)];
  throw wrong(`${option} must be secrets: strings, bytes or { kid, secret }`);
}

function checkKid(option: string, kid: unknown): void {
  if (kid !== undefined && !isText(kid)) throw wrong(`${option}: kid must be a string that is not empty`);
}

const bytesOf = (material: string | Uint8Array) =>
  typeof material === "string" ? new TextEncoder().encode(material) : material;

/** What is wrong with a key is said by the option's name. */
function named(option: string, call: () => Uint8Array): Uint8Array {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof SessionError) || error.code === "ERR_SESSION_OPTIONS") throw error;
    throw new SessionError(error.code, `createSessions: ${option}: ${error.message}`);
  }
}

function wrong(message: string): SessionError {
  return new SessionError("ERR_SESSION_OPTIONS", `createSessions: ${message}`);
}

// Tokens that have verified, for a verifier that sees the same tokens again and again.

import { replaced } from "../core/instance.js";
import type { JwtPayload } from "./types.js";

/**
 * How many characters at the end of a token are its name. They belong to the signature, so two tokens that verify
 * practically never share them.
 */
const NAME_LENGTH = 22;

interface Entry {
  readonly token: string;
  readonly payload: object;
  /** The members of the payload that are objects or arrays, and how each is copied. */
  readonly nested: readonly (readonly [name: string, copy: () => object])[];
}

/**
 * The tokens that one verifier, or one edge, has verified. Only signatures are remembered: claims are checked each
 * time, and tokens that were refused are not remembered. Two generations hold at most the number of tokens that was
 * asked for.
 */
export class VerifiedTokens<Claims extends object = JwtPayload> {
  #recent = new Map<string, Entry>();
  #older = new Map<string, Entry>();
  readonly #perGeneration: number;
  #seen = replaced();

  constructor(size: number) {
    this.#perGeneration = Math.max(1, Math.floor(size / 2));
  }

  /** The payload of a token that verified before. */
  get(token: string): Claims | undefined {
    // A replaced instance has lost its keys, so nothing that they verified is taken as known.
    if (this.#seen !== replaced()) this.#clear();
    const name = token.slice(-NAME_LENGTH);
    const recent = this.#recent.get(name);
    const entry = recent ?? this.#older.get(name);
    // The name alone proves nothing: the whole token must be the same.
    if (entry === undefined || entry.token !== token) return undefined;
    // A token that is in use outlives its generation.
    if (recent === undefined) this.#remember(name, entry);
    return copyOf(entry) as Claims;
  }

  /** Remembers a token that has just verified, and its payload as it was read. */
  add(token: string, payload: Claims): void {
    const nested = Object.entries(payload).flatMap(([name, value]) =>
      isNested(value) ? [[name, copierOf(value)] as const] : [],
    );
    this.#remember(token.slice(-NAME_LENGTH), { token, payload: { ...payload }, nested });
  }

  #remember(name: string, entry: Entry): void {
    if (this.#recent.size >= this.#perGeneration) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(name, entry);
  }

  #clear(): void {
    this.#recent.clear();
    this.#older.clear();
    this.#seen = replaced();
  }
}

/** A payload for one caller: what the caller changes in it must not reach the next one. */
function copyOf({ payload, nested }: Entry): object {
  const copy: Record<string, unknown> = { ...payload };
  for (const [name, copyMember] of nested) copy[name] = copyMember();
  return copy;
}

/** A function that copies a member of a payload as it is now. */
function copierOf(member: object): () => object {
  if (Object.values(member).some(isNested)) {
    const json = JSON.stringify(member);
    return () => JSON.parse(json) as object;
  }
  // Nearly every list of audiences or roles is flat, and a spread copy costs a tenth of reading its JSON again.
  if (Array.isArray(member)) {
    const list: readonly unknown[] = [...(member as unknown[])];
    return () => [...list];
  }
  const own = { ...member };
  return () => ({ ...own });
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

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
  readonly payload: Original;
}

/** An object or an array that only copies leave. */
interface Original {
  readonly value: object;
  /** Its members that are objects or arrays themselves. */
  readonly nested: readonly (readonly [name: string, original: Original])[];
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
    return copyOf(entry.payload) as Claims;
  }

  /** Remembers a token that has just verified, and its payload as it was read. */
  add(token: string, payload: Claims): void {
    const original = originalOf(payload, DEEPEST);
    if (original !== undefined) this.#remember(token.slice(-NAME_LENGTH), { token, payload: original });
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

/** How many levels of objects and arrays a payload may have to be remembered, so that copying it cannot overflow. */
const DEEPEST = 16;

function originalOf(given: object, levels: number): Original | undefined {
  if (levels === 0) return undefined;
  const nested: (readonly [string, Original])[] = [];
  for (const [name, member] of Object.entries(given) as [string, unknown][]) {
    if (typeof member !== "object" || member === null) continue;
    const original = originalOf(member, levels - 1);
    if (original === undefined) return undefined;
    nested.push([name, original]);
  }
  return { value: Array.isArray(given) ? (given as unknown[]).slice() : { ...given }, nested };
}

/** A copy for one caller: what the caller changes in it must not reach the next one. */
function copyOf({ value, nested }: Original): object {
  // A spread copy costs a tenth of reading the same JSON again.
  const copy = Array.isArray(value) ? (value as unknown[]).slice() : { ...value };
  for (let at = 0; at < nested.length; at += 1) {
    const [name, member] = nested[at]!;
    (copy as Record<string, unknown>)[name] = isList(member) ? (member.value as unknown[]).slice() : copyOf(member);
  }
  return copy;
}

/** Whether it is an array of plain values, as nearly every list of audiences or roles is. */
function isList({ value, nested }: Original): boolean {
  return nested.length === 0 && Array.isArray(value);
}

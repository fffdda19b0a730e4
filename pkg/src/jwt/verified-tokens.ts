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
  /** The payload as text, so that each caller gets its own object. */
  readonly text: string;
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
    // Parsed anew: what one caller changes in its object must not reach the next one.
    return JSON.parse(entry.text) as Claims;
  }

  /** Remembers a token that has just verified, and its payload as it was read. */
  add(token: string, payload: Claims): void {
    this.#remember(token.slice(-NAME_LENGTH), { token, text: JSON.stringify(payload) });
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

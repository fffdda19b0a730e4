// Tokens whose signature was found right, for a verifier that sees the same ones again and again.

import { replaced } from "../core/instance.js";
import type { JwtPayload } from "./types.js";

/** The characters at a token's end that name it. They are of the signature, so no two tokens that verify share them. */
const NAME_LENGTH = 22;

interface Entry {
  readonly token: string;
  /** The payload as text: each caller gets an object of its own. */
  readonly text: string;
}

/**
 * The tokens that one verifier, or one edge, has found right. Only signatures are remembered: claims are checked again each time, and what was
 * refused is judged anew. Two generations hold at most the number of tokens that was asked for.
 */
export class VerifiedTokens<Claims extends object = JwtPayload> {
  #recent = new Map<string, Entry>();
  #older = new Map<string, Entry>();
  readonly #perGeneration: number;
  #seen = replaced();

  constructor(size: number) {
    this.#perGeneration = Math.max(1, Math.floor(size / 2));
  }

  /** The payload of a token that was found right before. */
  get(token: string): Claims | undefined {
    // Keys go with the instance that holds them.
    if (this.#seen !== replaced()) this.#clear();
    const name = token.slice(-NAME_LENGTH);
    const entry = this.#recent.get(name) ?? this.#older.get(name);
    // A name is no proof: the whole token has to be the same.
    return entry !== undefined && entry.token === token ? (JSON.parse(entry.text) as Claims) : undefined;
  }

  /** Remembers a token that was just found right, with its payload as it was read. */
  add(token: string, payload: Claims): void {
    if (this.#recent.size >= this.#perGeneration) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(token.slice(-NAME_LENGTH), { token, text: JSON.stringify(payload) });
  }

  #clear(): void {
    this.#recent.clear();
    this.#older.clear();
    this.#seen = replaced();
  }
}

// Where a client without cookies stores its token pair.

/** A pair of tokens. */
export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

/** Stores one pair, possibly shared by several processes or tabs. */
export interface TokenStore {
  /** The pair, or null. Called just before each refresh. */
  load(): Promise<Tokens | null> | Tokens | null;
  /** Replaces the pair; null removes it. */
  save(tokens: Tokens | null): Promise<void> | void;
  /** Runs `work` while no other tab or process that shares the store does. */
  lock<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** A pair in memory: gone with the page or the process. */
export function memoryTokens(tokens: Tokens | null = null): TokenStore {
  let held = tokens;
  return {
    load: () => held,
    save: (next) => {
      held = next;
    },
    lock: (work) => work(),
  };
}

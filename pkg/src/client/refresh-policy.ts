// When the client may refresh by its own decision: never often, and less often the longer nothing comes of it.

/** Whatever the clocks say, no more refreshes than this by the client's own decision in a minute. */
const REFRESHES_A_MINUTE = 6;
const MINUTE = 60_000;
/** The longest wait between two tries, in seconds. */
const LONGEST_WAIT = 60;

export interface RefreshPolicy {
  /** Whether the client may ask by its own decision. With an `occasion`, it does not sit out the wait for a network. */
  readonly mayAsk: (occasion: boolean | undefined) => boolean | undefined;
  /** Counts a refresh that begins. */
  readonly begun: () => void;
  /** After an answer that decided something: the next refresh waits for nothing. */
  readonly decided: () => void;
  /** After a refresh that decided nothing. Without `retryAfter` no server was reached. Gives the seconds to wait. */
  readonly undecided: (retryAfter: number | undefined) => number;
}

/**
 * All times are of `performance.now()`, which no one can set: a wall clock that jumps would open the gate for a flood of
 * refreshes, or keep it shut.
 */
export function refreshPolicy(): RefreshPolicy {
  let started: number[] = [];
  let failures = 0;
  /** The last try reached no server, so that no server asked to be left alone. */
  let isUnreachable = false;
  /** No refresh by the client's own decision before. */
  let notBefore = 0;

  return {
    mayAsk(occasion) {
      const now = performance.now();
      started = started.filter((at) => at > now - MINUTE);
      return (now >= notBefore || (occasion && isUnreachable)) && started.length < REFRESHES_A_MINUTE;
    },
    begun: () => started.push(performance.now()),
    decided() {
      failures = notBefore = 0;
    },
    undecided(retryAfter) {
      isUnreachable = retryAfter === undefined;
      failures += 1;
      // Half of the wait is by chance: clients that lost a server together must not come back to it together.
      const backOff = Math.min(LONGEST_WAIT, 2 ** failures) * (0.5 + Math.random() / 2);
      const retryIn = Math.max(retryAfter ?? 0, backOff);
      notBefore = performance.now() + retryIn * 1000;
      return retryIn;
    },
  };
}

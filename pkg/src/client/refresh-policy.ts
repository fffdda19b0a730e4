// When the client may refresh on its own: never often, and less often after each failure.

/** Whatever the clocks say, the client refreshes on its own at most this often per minute. */
const REFRESHES_A_MINUTE = 6;
const MINUTE = 60_000;
/** The longest wait between two tries, in seconds. */
const LONGEST_WAIT = 60;

export interface RefreshPolicy {
  /** Whether the client may refresh on its own. With an `occasion` it skips the back-off after network errors. */
  readonly mayAsk: (occasion: boolean | undefined) => boolean | undefined;
  /** Counts a refresh that starts. */
  readonly begun: () => void;
  /** After a decisive answer: the next refresh has no back-off. */
  readonly decided: () => void;
  /** After an indecisive refresh. Without `retryAfter` no server was reached. Returns the seconds to wait. */
  readonly undecided: (retryAfter: number | undefined) => number;
}

/**
 * All times are from `performance.now()`, which cannot be set: a jump of the wall clock could allow a flood of
 * refreshes, or block them.
 */
export function refreshPolicy(): RefreshPolicy {
  let started: number[] = [];
  let failures = 0;
  /** The last try reached no server, so no server asked for a pause. */
  let isUnreachable = false;
  /** The client does not refresh on its own before this time. */
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
      // Half of the wait is random: clients that lost a server together must not return to it together.
      const backOff = Math.min(LONGEST_WAIT, 2 ** failures) * (0.5 + Math.random() / 2);
      const retryIn = Math.max(retryAfter ?? 0, backOff);
      notBefore = performance.now() + retryIn * 1000;
      return retryIn;
    },
  };
}

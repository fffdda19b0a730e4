// The server's time, as closely as a client can know it.

/** A smaller jump of the wall clock is rounding, in milliseconds. */
const ROUNDING = 1_000;

/**
 * A clock that follows the server's.
 *
 * The wall clock of a device may be an hour off, and may be set while the page is open. Tokens carry the time at which
 * the server made them, so each answer shows how far ahead the server is. Between answers, `performance.now()` reveals
 * a wall clock that was set back. A jump ahead looks like sleep and is treated like it: the token seems old, one
 * refresh follows, and its answer corrects the clock.
 */
export function serverClock(): ServerClock {
  /** How many seconds the server is ahead of the wall clock. */
  let ahead = 0;
  let wall = Date.now();
  let steady = performance.now();

  function now(): number {
    const setBack = performance.now() - steady - (Date.now() - wall);
    wall = Date.now();
    steady = performance.now();
    if (setBack > ROUNDING) ahead += setBack / 1000;
    return wall / 1000 + ahead;
  }
  return {
    now,
    learn(issuedAt, isNew) {
      // The latency of the answer makes the server seem slightly behind. Refreshing ahead of expiry allows for that.
      const drift = issuedAt - now();
      if (isNew || drift > 0) ahead += drift;
    },
  };
}

export interface ServerClock {
  /** Seconds since 1970 by the server's clock. */
  now(): number;
  /**
   * Learns from the time at which the server made a token, in seconds since 1970. A new token gives the server's
   * current time; an older one gives only a lower bound.
   */
  learn(issuedAt: number, isNew: boolean): void;
}

// The server's time, as well as a client can know it.

/** A jump of the wall clock below this is rounding, in milliseconds. */
const ROUNDING = 1_000;

/**
 * A clock that follows the server's.
 *
 * The wall clock of a device may be an hour wrong, and may be set while the page is open. Tokens say when the server made
 * them, so each answer tells how far ahead the server is. Between answers, `performance.now()` gives away a wall clock
 * that was set back. A jump ahead looks like sleep, and is treated as sleep: the token seems old, one refresh follows,
 * and its answer sets the clock right.
 */
export function serverClock(): ServerClock {
  /** Seconds that the server is ahead of the wall clock. */
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
      // The time that the answer took makes the server seem a little behind. Refreshing ahead allows for that.
      const drift = issuedAt - now();
      if (isNew || drift > 0) ahead += drift;
    },
  };
}

export interface ServerClock {
  /** Seconds since 1970 by the server's clock. */
  now(): number;
  /**
   * Learns from the time at which the server made a token, in seconds since 1970. A new token says what time it is there;
   * an older one says only what time it is at least.
   */
  learn(issuedAt: number, isNew: boolean): void;
}

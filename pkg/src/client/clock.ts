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
  function set(issuedAt: number): void {
    ahead += issuedAt - now();
  }
  return {
    now,
    set,
    atLeast(issuedAt) {
      if (issuedAt > now()) set(issuedAt);
    },
  };
}

export interface ServerClock {
  /** Seconds since 1970 by the server's clock. */
  now(): number;
  /** Takes the time of a token that the server made just now, in seconds since 1970. */
  set(issuedAt: number): void;
  /** Takes the time of a token that the server made at some time before now: the server's clock is not behind it. */
  atLeast(issuedAt: number): void;
}

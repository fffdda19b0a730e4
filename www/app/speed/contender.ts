// A contender in the race.

/** Creates tokens, and verifies those that it created. */
export interface Contender {
  readonly name: string;
  /**
   * Timed in batches of `rounds`, because browsers round their clocks too coarsely to time one. Missing if it only
   * verifies.
   */
  sign?(rounds: number): Promise<unknown> | unknown;
  verify(rounds: number): Promise<unknown> | unknown;
}

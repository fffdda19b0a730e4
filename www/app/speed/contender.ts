// Whoever runs in the race.

/** Makes tokens, and checks the ones that it made. */
export interface Contender {
  readonly name: string;
  /** In turns of `rounds`: browsers round their clocks too coarsely to time one. Missing where it only verifies. */
  sign?(rounds: number): Promise<unknown> | unknown;
  verify(rounds: number): Promise<unknown> | unknown;
}

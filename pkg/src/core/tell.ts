// Events for the application.

/**
 * Hands an event to a handler of the application. An alert that fails to go out must not decide about tokens, nor sign
 * anybody out. A handler may throw, or it may be async and reject later, which would end a process of Node.
 */
export function tell<Event>(handler: ((event: Event) => unknown) | undefined, event: Event): void {
  try {
    const answer = handler?.(event) as PromiseLike<unknown> | undefined;
    if (typeof answer?.then === "function") answer.then(undefined, () => undefined);
  } catch {
    // Nobody is left to be told.
  }
}

// Events for the application.

/**
 * Hands an event to a handler of the application. An alert that fails to go out must not decide about tokens, nor sign
 * anybody out. A handler may throw, or it may be async and reject later, which would end a process of Node.
 */
export function tell<Event>(handler: ((event: Event) => unknown) | undefined, event: Event): void {
  // Called at once, within a function that turns whatever fails into one rejection.
  (async () => handler?.(event))().catch(() => undefined);
}

// Events for the application.

/**
 * Hands an event to a handler of the application. An alert that fails to go out must not decide about tokens, nor sign
 * anybody out. A handler may throw, or it may be async and reject later, which would end a process of Node.
 */
export function tell<Event>(handler: ((event: Event) => unknown) | undefined, event: Event): void {
  // An async function runs the handler at once, and turns a throw into a rejection.
  (async () => handler?.(event))().catch(() => undefined);
}

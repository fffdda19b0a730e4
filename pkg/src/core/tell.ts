// Events for the application.

/**
 * Passes an event to a handler of the application. A failing handler must neither affect tokens nor sign anyone out. A
 * handler may throw, or be async and reject later, which would end a Node process.
 */
export function tell<Event>(handler: ((event: Event) => unknown) | undefined, event: Event): void {
  // An async function calls the handler at once, and turns a throw into a rejection.
  (async () => handler?.(event))().catch(() => undefined);
}

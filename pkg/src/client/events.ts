// The listeners of a session's events.

import type { ClientEvents } from "./types.js";

/** The listeners of each event. */
export type Listeners = { [Name in keyof ClientEvents]: Set<(event: ClientEvents[Name]) => void> };

/** Calls each listener of an event. */
export function emit<Event>(listeners: ReadonlySet<(event: Event) => void>, event: Event): void {
  for (const listener of listeners) {
    try {
      listener(event);
    } catch (error) {
      // A listener's error is reported as uncaught, and does not stop the other listeners.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

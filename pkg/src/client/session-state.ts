// The state of a session as its client knows it: the latest token, and the snapshot that applications see.

import { serverClock } from "./clock.js";
import { emit, type Listeners } from "./events.js";
import type { Tell } from "./tabs.js";
import type { SessionSnapshot, TokenView } from "./types.js";

const SIGNED_OUT: SessionSnapshot = Object.freeze({ status: "signed-out", claims: null, expiresAt: null });

export interface SessionState {
  /** The current token, or null if signed out. */
  view: TokenView | null;
  /** A session that has ended: a cookie or token of it, found now or later, must not revive it. */
  over?: string | undefined;
  /** Until it settles, it is unknown whether there is a token to send. */
  reading?: Promise<void>;
  snapshot: SessionSnapshot;
  /** Takes another token, or null: made `now` for this client, or at some time `before`, which is the default. */
  readonly take: (next: TokenView | null, made?: "now" | "before") => void;
  /** Whether the token ends within so many seconds by the server's clock. */
  readonly isExpired: (ahead: number) => boolean;
}

export function sessionState(listeners: Listeners["change"], tell: Tell): SessionState {
  const clock = serverClock();
  const state: SessionState = {
    view: null,
    snapshot: SIGNED_OUT,
    take(next, made) {
      if (next !== null) clock.learn(next.issuedAt, made === "now");
      // Compared by value: each read of the cookie creates a new object, and frameworks would render for every one.
      if (JSON.stringify(next) !== JSON.stringify(state.view)) {
        state.view = next;
        state.snapshot =
          next === null
            ? SIGNED_OUT
            : Object.freeze({ status: "signed-in", claims: next.claims, expiresAt: next.expiresAt });
        emit(listeners, state.snapshot);
      }
      if (made === "now") tell(undefined);
    },
    isExpired(ahead) {
      const { view } = state;
      if (view === null) return false;
      // At most a third of the lifetime: a token that lives a minute would otherwise be refreshed as soon as it is
      // issued.
      const life = Math.max(0, view.expiresAt - view.issuedAt);
      return clock.now() >= view.expiresAt - Math.min(ahead, life / 3);
    },
  };
  return state;
}

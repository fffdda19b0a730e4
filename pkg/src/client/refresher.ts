// The refreshes of one client: one at a time, and the effect of each answer on the state.

import { emit, type Listeners } from "./events.js";
import { refreshPolicy } from "./refresh-policy.js";
import type { SessionState } from "./session-state.js";
import type { RefreshResult, SessionBackend } from "./types.js";

export interface Refresher {
  /** The refresh in progress. */
  flight?: Promise<void> | undefined;
  /** True while the server is asked to end the session: nothing may refresh it automatically meanwhile. */
  isLeaving?: boolean;
  /** Aborts the refresh in progress, and reads of a store. */
  aborter: AbortController;
  /** Asks for a fresh token, or joins the refresh in progress. Resolves whatever the outcome. */
  readonly ask: () => Promise<void>;
  /**
   * Refreshes on the client's own initiative, or returns undefined if the policy forbids it. `occasion` is as in the
   * policy.
   */
  readonly askIfAllowed: (occasion?: boolean) => Promise<void> | undefined;
  /** Answers that are still on their way are ignored. */
  readonly abandon: () => void;
}

/** `end` is called when the server has ended the session. */
export function refresher(
  backend: SessionBackend,
  state: SessionState,
  retries: Listeners["retry"],
  end: () => void,
): Refresher {
  const policy = refreshPolicy();

  async function askOnce(): Promise<void> {
    policy.begun();
    const { signal } = self.aborter;
    const result = await backend.refresh(state.view, signal).catch(unreachable);
    // Signed out meanwhile: the answer is about a session that is over.
    if (signal.aborted) return;
    if (result.kind === "later") {
      emit(retries, { cause: result.cause, retryIn: policy.undecided(result.retryAfter) });
      return;
    }
    policy.decided();
    if (result.kind === "ended") return end();
    state.take(result.view, result.made);
    // Another tab or process got the token, possibly long ago.
    if (result.made === "before" && state.isExpired(0)) await askOnce();
  }

  function takeOff(): Promise<void> {
    const mine = askOnce().finally(() => {
      // A newer refresh may have started after this one was abandoned.
      if (self.flight === mine) self.flight = undefined;
    });
    return mine;
  }

  const self: Refresher = {
    aborter: new AbortController(),
    ask: () => (self.flight ??= takeOff()),
    askIfAllowed: (occasion) => self.flight ?? (!self.isLeaving && policy.mayAsk(occasion) ? self.ask() : undefined),
    abandon() {
      self.aborter.abort();
      self.aborter = new AbortController();
      self.flight = undefined;
    },
  };
  return self;
}

/** A refresh that reached no server, so no server asked for a wait. */
function unreachable(cause: unknown): RefreshResult {
  return { kind: "later", cause };
}

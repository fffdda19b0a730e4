// Keeps one session fresh: what the client learns, when it refreshes, and how the session ends.

import type { Listeners } from "./events.js";
import { type Refresher, refresher } from "./refresher.js";
import { sendFresh } from "./send.js";
import { type SessionState, sessionState } from "./session-state.js";
import type { Tell } from "./tabs.js";
import { ClientError, type ClientOptions, type ClientSession, type SessionBackend, type TokenView } from "./types.js";
import { watch } from "./wakes.js";

export interface Keeper {
  /** The session as the application uses it. */
  readonly session: ClientSession;
  /** Reads what the backend knows now: after a sign-in, or when another tab has changed something. */
  readonly reread: () => void;
  /** Takes a token that the server has just made. */
  readonly adopt: (view: TokenView) => void;
  /** Handles a message from another tab. */
  readonly hear: Tell;
}

export function keep(backend: SessionBackend, options: ClientOptions, tell: Tell): Keeper {
  const { refreshAhead = 60 } = options;
  if (typeof refreshAhead !== "number" || !(refreshAhead >= 0)) {
    throw new TypeError("refreshAhead must be seconds, 0 or more");
  }
  const listeners: Listeners = { change: new Set(), retry: new Set() };
  const state = sessionState(listeners.change, tell);
  const refreshes = refresher(backend, state, listeners.retry, end);
  const { reread, look } = reading(backend, state, refreshes, refreshAhead);

  function end(): void {
    const session = state.view?.session;
    state.over = session ?? state.over;
    state.take(null);
    tell(session);
    reread();
  }

  const on: ClientSession["on"] = (name, listener) => {
    const set = listeners[name] as Set<typeof listener>;
    set.add(listener);
    return () => set.delete(listener);
  };
  const stop = watch(look, reread);
  return {
    session: {
      getSnapshot: () => state.snapshot,
      subscribe: (listener) => on("change", () => listener()),
      on,
      fetch: (input, init) => sendFresh(backend, state, refreshes, input, init),
      async refresh() {
        await refreshes.ask();
        return state.snapshot;
      },
      async signOut() {
        refreshes.abandon();
        refreshes.isLeaving = true;
        const failure = await backend.signOut().then(refusalOf, (cause: unknown) => notSignedOut("failed", cause));
        refreshes.isLeaving = false;
        // The session is still alive on the server, so the page must not look signed out.
        if (failure !== undefined) throw failure;
        refreshes.abandon();
        end();
      },
      close() {
        refreshes.aborter.abort();
        stop();
        listeners.change.clear();
        listeners.retry.clear();
      },
    },
    reread,
    hear(ended) {
      if (ended === undefined || ended !== state.view?.session) return reread();
      state.over = ended;
      refreshes.abandon();
      state.take(null);
    },
    adopt(next) {
      refreshes.abandon();
      state.take(next, "now");
    },
  };
}

/** Checks what the backend knows, and the clock. */
function reading(
  backend: SessionBackend,
  state: SessionState,
  refreshes: Refresher,
  refreshAhead: number,
): { reread: () => void; look: (occasion?: boolean) => void } {
  function look(occasion?: boolean): void {
    // A hidden page needs no token: it wakes the client when it becomes visible.
    const isHidden = globalThis.document?.visibilityState === "hidden";
    if (!isHidden && state.isExpired(refreshAhead)) void refreshes.askIfAllowed(occasion);
  }

  function learn(found: TokenView | null): void {
    // A browser may lose a cookie without any sign-out. Only the server can say that the session has ended.
    if (found === null && state.view !== null && state.view.session !== state.over) {
      void refreshes.askIfAllowed(true);
      return;
    }
    state.take(found);
    look(true);
  }

  /** Synchronous if the backend is: a page that is signed in must not look signed out while it loads. */
  function reread(): void {
    const { signal } = refreshes.aborter;
    const found = backend.read(state.over);
    const late = (later: TokenView | null): void => {
      if (!signal.aborted) learn(later);
    };
    // If the store cannot be read, the next refresh fails too and reports the error.
    if (found instanceof Promise) state.reading = found.then(late, () => undefined);
    else learn(found);
  }

  return { reread, look };
}

function refusalOf(response: Response | undefined): ClientError | undefined {
  return response?.ok === false
    ? notSignedOut(`was answered with ${response.status}`, undefined, response.status)
    : undefined;
}

function notSignedOut(what: string, cause: unknown, status?: number): ClientError {
  return new ClientError("ERR_SIGN_OUT", `the sign-out ${what}`, status, cause);
}

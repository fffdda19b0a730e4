// Keeps one session fresh: when to refresh, one refresh at a time, back-off, and who is told.

import { serverClock } from "./clock.js";
import type { Tell } from "./tabs.js";
import {
  ClientError,
  type ClientEvents,
  type ClientOptions,
  type ClientSession,
  type RefreshResult,
  type SessionSnapshot,
  type TokenView,
  type Transport,
} from "./types.js";

const SIGNED_OUT: SessionSnapshot = Object.freeze({ status: "signed-out", claims: null, expiresAt: null });

/** Long timers stop in sleep, so the clock is looked at often. Milliseconds. */
const TICK = 2_000;
/** Whatever the clocks say, no more refreshes than this by the client's own decision in a minute. */
const REFRESHES_A_MINUTE = 6;
const MINUTE = 60_000;
/** The longest wait between two tries, in seconds. */
const LONGEST_WAIT = 60;

/** The listeners of one name. */
type Listeners = { [Name in keyof ClientEvents]: Set<(event: ClientEvents[Name]) => void> };

export interface Keeper extends ClientSession {
  /** Takes what the transport knows now: after a sign-in, or when another tab has changed something. */
  readonly reread: () => void;
  /** Takes a token that the server has just made. */
  readonly adopt: (view: TokenView) => void;
  /** Hears another tab. */
  readonly hear: Tell;
}

export function keep(transport: Transport, options: ClientOptions, tell: Tell): Keeper {
  const { refreshAhead = 60 } = options;
  if (typeof refreshAhead !== "number" || !(refreshAhead >= 0)) {
    throw new TypeError("refreshAhead must be seconds, 0 or more");
  }
  const clock = serverClock();
  const listeners: Listeners = { change: new Set(), retry: new Set() };
  let started: number[] = [];
  let view: TokenView | null = null;
  /** A session that has ended. What still shows it, or shows it again, brings nothing back. */
  let over: string | undefined;
  let snapshot: SessionSnapshot = SIGNED_OUT;
  let flight: Promise<void> | undefined;
  /** Until it is done, nobody knows whether there is a token to send. */
  let reading: Promise<void> | undefined;
  let aborter = new AbortController();
  let leaving = false;
  let failures = 0;
  /** Nobody was reached by the last try, so that nobody asked to be left alone. */
  let unreachable = false;
  /** By `performance.now()`: no refresh by the client's own decision before. */
  let notBefore = 0;

  function emit<Name extends keyof ClientEvents>(name: Name, event: ClientEvents[Name]): void {
    for (const listener of listeners[name]) {
      try {
        listener(event);
      } catch (error) {
        // A listener's mistake is reported as one, and keeps no other listener from hearing.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  function take(next: TokenView | null): void {
    if (JSON.stringify(next) === JSON.stringify(view)) return;
    view = next;
    snapshot =
      next === null
        ? SIGNED_OUT
        : Object.freeze({ status: "signed-in", claims: next.claims, expiresAt: next.expiresAt });
    emit("change", snapshot);
  }

  const isExpired = (ahead: number): boolean => {
    if (view === null) return false;
    const life = Math.max(0, view.expiresAt - view.issuedAt);
    return clock.now() >= view.expiresAt - Math.min(ahead, life / 3);
  };

  /** Whether the client may ask by its own decision. With an `occasion`, it does not sit out the wait for a network. */
  function mayAsk(occasion: boolean): boolean {
    const now = performance.now();
    started = started.filter((at) => at > now - MINUTE);
    return (now >= notBefore || (occasion && unreachable)) && started.length < REFRESHES_A_MINUTE;
  }

  function ask(): Promise<void> {
    if (flight === undefined) {
      const mine = askOnce().finally(() => {
        if (flight === mine) flight = undefined;
      });
      flight = mine;
    }
    return flight;
  }

  async function askOnce(): Promise<void> {
    started.push(performance.now());
    const { signal } = aborter;
    let result: RefreshResult;
    unreachable = false;
    try {
      result = await transport.refresh(view, signal);
    } catch (cause) {
      unreachable = true;
      result = { kind: "later", cause };
    }
    // Signed out meanwhile: whatever the answer says, it is about a session that is over.
    if (signal.aborted) return;
    if (result.kind === "later") {
      failures += 1;
      const backOff = Math.min(LONGEST_WAIT, 2 ** failures) * (0.5 + Math.random() / 2);
      const retryIn = Math.max(result.retryAfter ?? 0, backOff);
      notBefore = performance.now() + retryIn * 1000;
      emit("retry", { cause: result.cause, retryIn });
      return;
    }
    failures = 0;
    notBefore = 0;
    if (result.kind === "ended") return end();
    if (result.made === "now") {
      clock.set(result.view.issuedAt);
      tell(undefined);
    } else clock.atLeast(result.view.issuedAt);
    take(result.view);
    // Another tab or process got it, and that may be long ago.
    if (result.made === "before" && isExpired(0)) await askOnce();
  }

  function check(occasion: boolean): void {
    // What nobody looks at needs no token: the first look brings one.
    const hidden = globalThis.document?.visibilityState === "hidden";
    if (!hidden && !leaving && flight === undefined && isExpired(refreshAhead) && mayAsk(occasion)) void ask();
  }

  /** At once where the transport can: a page that is signed in must not take itself for a stranger's while it loads. */
  function reread(): void {
    const { signal } = aborter;
    const found = transport.read(over);
    const late = (later: TokenView | null): void => {
      if (!signal.aborted) learn(later);
    };
    // What cannot be read cannot be refreshed either, and is told there.
    if (found instanceof Promise) reading = found.then(late, () => undefined);
    else learn(found);
  }

  function learn(found: TokenView | null): void {
    // What the browser lost is no sign-out: the server knows.
    if (found === null && view !== null && view.session !== over) {
      if (flight === undefined && mayAsk(true)) void ask();
      return;
    }
    if (found !== null) clock.atLeast(found.issuedAt);
    take(found);
    check(true);
  }

  function end(): void {
    const session = view?.session;
    over = session ?? over;
    take(null);
    tell(session);
    reread();
  }

  /** Answers that are still on their way count no more. */
  function abandon(): void {
    aborter.abort();
    aborter = new AbortController();
    flight = undefined;
  }

  async function send(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const signal = init?.signal ?? (isRequest(input) ? input.signal : undefined);
    if (reading !== undefined) await unlessAborted(reading, signal);
    if (!leaving && transport.needsFresh && isExpired(0) && mayAsk(true)) void ask();
    if (flight !== undefined) await unlessAborted(flight, signal);
    const used = view;
    const again = canRepeat(input, init) ? (isRequest(input) ? input.clone() : input) : undefined;
    const response = await transport.send(input, init);
    if (response.status !== 401 || used === null || again === undefined) return response;
    // Only a token that is still the current one is worth a refresh; a newer one is worth a try at once.
    if (view === used) {
      if (leaving || (flight === undefined && !mayAsk(true))) return response;
      await unlessAborted(ask(), signal);
    }
    if (view === null || view === used) return response;
    await response.body?.cancel();
    return transport.send(again, init);
  }

  const onWake = (): void => reread();
  const timer = setInterval(() => check(false), TICK);
  // In Node a timer that waits would keep the process alive.
  (timer as unknown as { unref?: () => void }).unref?.();
  const wakers = globalThis.document ? ["visibilitychange", "pageshow", "online", "focus"] : [];
  for (const name of wakers) addEventListener(name, onWake);

  return {
    getSnapshot: () => snapshot,
    subscribe: (listener) => subscribeTo(listeners.change, () => listener()),
    on: (name, listener) => subscribeTo(listeners[name] as Set<typeof listener>, listener),
    fetch: send,
    async refresh() {
      await ask();
      return snapshot;
    },
    async signOut() {
      abandon();
      leaving = true;
      const failure = await transport.signOut().then(refusalOf, (cause: unknown) => notSignedOut("failed", cause));
      leaving = false;
      // The session lives on at the server, so the page must not look signed out.
      if (failure !== undefined) throw failure;
      abandon();
      end();
    },
    close() {
      aborter.abort();
      clearInterval(timer);
      for (const name of wakers) removeEventListener(name, onWake);
      for (const set of Object.values(listeners)) set.clear();
    },
    reread,
    hear(ended) {
      if (ended === undefined || ended !== view?.session) return reread();
      over = ended;
      abandon();
      take(null);
    },
    adopt(next) {
      abandon();
      clock.set(next.issuedAt);
      take(next);
      tell(undefined);
    },
  };
}

function refusalOf(response: Response | undefined): ClientError | undefined {
  return response?.ok === false
    ? notSignedOut(`was answered with ${response.status}`, undefined, response.status)
    : undefined;
}

function notSignedOut(what: string, cause: unknown, status?: number): ClientError {
  return new ClientError("ERR_SIGN_OUT", `the sign-out ${what}`, status, cause);
}

function subscribeTo<Listener>(set: Set<Listener>, listener: Listener): () => void {
  set.add(listener);
  return () => set.delete(listener);
}

function isRequest(input: string | URL | Request): input is Request {
  return (input as Partial<Request>).clone !== undefined;
}

/** A stream can be read once, so a request with one is sent once. */
function canRepeat(input: string | URL | Request, init: RequestInit | undefined): boolean {
  const isStream = (init?.body as Partial<ReadableStream> | null | undefined)?.getReader !== undefined;
  return !isStream && !(isRequest(input) && input.bodyUsed);
}

/** Waits for `work` unless the caller gives up first; the work goes on for everybody else. */
function unlessAborted(work: Promise<void>, signal: AbortSignal | null | undefined): Promise<void> {
  if (signal == null) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

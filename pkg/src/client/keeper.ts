// Keeps one session fresh: when to refresh, one refresh at a time, back-off, and who is told.

import { ServerClock } from "./clock.js";
import type {
  ClientEvents,
  ClientOptions,
  ClientSession,
  RefreshResult,
  SessionSnapshot,
  TokenView,
  Transport,
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
  readonly reread: () => Promise<void>;
  /** Takes a token that the server has just made. */
  readonly adopt: (view: TokenView) => void;
  /** Forgets the session without asking the server: another tab has signed out. */
  readonly forget: () => void;
}

export function keep(
  transport: Transport,
  options: ClientOptions,
  tell: (change: "changed" | "ended") => void,
): Keeper {
  const { refreshAhead = 60 } = options;
  if (typeof refreshAhead !== "number" || !(refreshAhead >= 0)) {
    throw new TypeError("refreshAhead must be a number of seconds, not negative");
  }
  const clock = new ServerClock();
  const listeners: Listeners = { change: new Set(), retry: new Set() };
  const started: number[] = [];
  let view: TokenView | null = null;
  /** The token of a session that the server has ended. A cookie that still shows it brings nothing back. */
  let ended: TokenView | null = null;
  let snapshot: SessionSnapshot = SIGNED_OUT;
  let flight: Promise<void> | undefined;
  let aborter = new AbortController();
  let leaving = false;
  let failures = 0;
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
    if (isSame(next, view)) return;
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

  /** Whether the client may ask by its own decision. */
  function mayAsk(): boolean {
    const now = performance.now();
    while (started.length > 0 && now - started[0]! > MINUTE) started.shift();
    return now >= notBefore && started.length < REFRESHES_A_MINUTE;
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
    try {
      result = await transport.refresh(view, signal);
    } catch (cause) {
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
    if (result.kind === "ended") {
      ended = view;
      take(null);
      tell("ended");
      return;
    }
    if (result.made === "now") {
      clock.set(result.view.issuedAt);
      tell("changed");
    } else clock.atLeast(result.view.issuedAt);
    take(result.view);
  }

  function check(): void {
    // What nobody looks at needs no token: the first look brings one.
    const hidden = typeof document !== "undefined" && document.visibilityState === "hidden";
    if (!hidden && !leaving && flight === undefined && isExpired(refreshAhead) && mayAsk()) void ask();
  }

  async function reread(): Promise<void> {
    const { signal } = aborter;
    const found = await transport.read();
    if (signal.aborted) return;
    if (found !== null) clock.atLeast(found.issuedAt);
    take(isSame(found, ended) ? null : found);
    check();
  }

  /** Answers that are still on their way count no more. */
  function abandon(): void {
    aborter.abort();
    aborter = new AbortController();
    flight = undefined;
  }

  async function send(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const signal = init?.signal ?? (isRequest(input) ? input.signal : undefined);
    if (!leaving && transport.needsFresh && isExpired(0) && mayAsk()) void ask();
    if (flight !== undefined) await unlessAborted(flight, signal);
    const used = view;
    const again = canRepeat(input, init) ? (isRequest(input) ? input.clone() : input) : undefined;
    const response = await transport.send(input, init);
    if (response.status !== 401 || used === null || again === undefined) return response;
    // Only a token that is still the current one is worth a refresh; a newer one is worth a try at once.
    if (view === used) {
      if (leaving || (flight === undefined && !mayAsk())) return response;
      await unlessAborted(ask(), signal);
    }
    if (view === null || view === used) return response;
    await response.body?.cancel();
    return transport.send(again, init);
  }

  const onWake = (): void => void reread();
  const page = typeof document === "undefined" ? undefined : document;
  const timer = setInterval(check, TICK);
  // In Node a timer that waits would keep the process alive.
  (timer as unknown as { unref?: () => void }).unref?.();
  page?.addEventListener("visibilitychange", onWake);
  const wakers = page === undefined ? [] : ["pageshow", "online", "focus"];
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
      try {
        // If this throws, the session lives on at the server, so the page must not look signed out.
        await transport.signOut();
      } finally {
        leaving = false;
      }
      abandon();
      take(null);
      tell("ended");
    },
    close() {
      aborter.abort();
      clearInterval(timer);
      page?.removeEventListener("visibilitychange", onWake);
      for (const name of wakers) removeEventListener(name, onWake);
      for (const set of Object.values(listeners)) set.clear();
    },
    reread,
    forget() {
      abandon();
      take(null);
    },
    adopt(next) {
      abandon();
      clock.set(next.issuedAt);
      take(next);
      tell("changed");
    },
  };
}

function subscribeTo<Listener>(set: Set<Listener>, listener: Listener): () => void {
  set.add(listener);
  return () => set.delete(listener);
}

function isSame(one: TokenView | null, other: TokenView | null): boolean {
  if (one === null || other === null) return one === other;
  const { issuedAt, expiresAt, claims } = one;
  const isSameLife = issuedAt === other.issuedAt && expiresAt === other.expiresAt;
  return isSameLife && JSON.stringify(claims) === JSON.stringify(other.claims);
}

function isRequest(input: string | URL | Request): input is Request {
  return typeof input === "object" && "clone" in input;
}

/** A stream can be read once, so a request with one is sent once. */
function canRepeat(input: string | URL | Request, init: RequestInit | undefined): boolean {
  return (
    !(typeof init?.body === "object" && init.body !== null && "getReader" in init.body) &&
    !(isRequest(input) && input.bodyUsed)
  );
}

/** Waits for `work` unless the caller gives up first; the work goes on for everybody else. */
function unlessAborted(work: Promise<void>, signal: AbortSignal | null | undefined): Promise<void> {
  if (signal == null) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

// The key set of an issuer: fetched once for all callers, kept fresh, and served on while the issuer is down.

import { tell } from "../core/tell.js";
import { withTimeout } from "../core/timeout.js";
import { defaultCache, type KeySetCache } from "./cache.js";
import { discover } from "./discovery.js";
import { keysError } from "./errors.js";
import { checkedUrl, type Fetch, type Fetched, fetchJson } from "./fetch-json.js";
import { type KeyHeader, KeySet, type VerificationKey } from "./key-set.js";
import { type Keys, keysOf, type Pick } from "./local.js";

/** An event of a key set, for metrics. No event holds anything of a token but a `kid`. */
export type KeySetEvent =
  | { readonly type: "fetched" | "cached"; readonly url: string }
  | { readonly type: "failed" | "stale" | "cache-failed"; readonly url: string; readonly error: unknown }
  | { readonly type: "unknown-kid"; readonly url: string; readonly kid: unknown };

/** Options of `remoteKeys`. All times are in seconds. */
export interface RemoteOptions {
  /** The issuer of these keys: the exact `iss` of the tokens that they verify. For `protect`, which compares it. */
  readonly issuer?: string;
  /** Where sets are kept between isolates; `null` for nowhere. The Cache API by default, in Workers. */
  readonly cache?: KeySetCache | null;
  /** An unknown `kid` fetches at most this often: 30 by default. */
  readonly coolDown?: number;
  /** How long a set serves on after it ended while the issuer is down: 86,400 by default. */
  readonly staleFor?: number;
  /** How long an answer may take, body included: 5 by default. */
  readonly timeout?: number;
  /** The host's `fetch` by default. */
  readonly fetch?: Fetch;
  /** Seconds since 1970. */
  readonly now?: () => number;
  /** Called for each event. What it throws is ignored. */
  readonly on?: (event: KeySetEvent) => void;
}

/** A set, when it was fetched, and until when it needs no renewal: seconds since 1970. */
interface State {
  readonly keys: KeySet;
  readonly fetchedAt: number;
  readonly freshUntil: number;
}

type Settings = Required<Omit<RemoteOptions, "cache" | "on" | "issuer">> & {
  readonly cache: KeySetCache | null | undefined;
  readonly on: RemoteOptions["on"] | undefined;
};

/** A fetch under way. An object, so that a flight that was given up is told from the one that took its place. */
interface Flight {
  readonly promise: Promise<State>;
}

/** Gets the set from the issuer, by address or by way of its metadata. */
type Load = (timeout: number, fetcher: Fetch) => Promise<Fetched>;

/**
 * The key set at an address: https, or http on this machine. Nothing is fetched before the first token. A token's own
 * `jku`, `x5u` and `jwk` are never followed.
 */
export function remoteKeys(url: string, options: RemoteOptions = {}): Keys {
  const checked = checkedUrl(url);
  return keysFrom(checked, (timeout, fetcher) => fetchJson(checked, timeout, fetcher), options);
}

/**
 * The key set that an issuer names in its metadata (OpenID Connect Discovery, RFC 8414). The metadata must be of
 * exactly this issuer (RFC 8414 §3.3).
 */
remoteKeys.ofIssuer = (issuer: string, options: RemoteOptions = {}): Keys => {
  checkedUrl(issuer);
  return keysFrom(issuer, discover(issuer, options.now ?? clock), { ...options, issuer });
};

function clock(): number {
  return Date.now() / 1000;
}

function keysFrom(name: string, load: Load, options: RemoteOptions): Keys {
  const remote = new RemoteSet(name, load, options);
  return keysOf(
    (header, pick) => remote.find(header, pick),
    (header) => remote.sync(header),
    () => remote.current(),
    options.issuer,
  );
}

/**
 * The set of one issuer and all that is known of how its fetches went. Made without a fetch, since Workers allow none
 * at module scope.
 */
class RemoteSet {
  readonly #name: string;
  readonly #load: Load;
  readonly #settings: Settings;
  #state: State | undefined;
  #flight: Flight | undefined;
  // Failures in a row, the last of them, and the time before which no other fetch is tried.
  #failures = 0;
  #failure: unknown;
  #notBefore = 0;

  constructor(name: string, load: Load, options: RemoteOptions) {
    this.#name = name;
    this.#load = load;
    this.#settings = {
      cache: options.cache === undefined ? defaultCache() : options.cache,
      coolDown: seconds(options.coolDown, 30),
      staleFor: seconds(options.staleFor, 86_400),
      timeout: seconds(options.timeout, 5),
      // Looked up at each call, so that a test or a tracer may replace the host's later.
      fetch: options.fetch ?? ((url, init) => fetch(url, init)),
      now: options.now ?? clock,
      on: options.on,
    };
  }

  /** A key that is here and fresh. A synchronous verify cannot wait, so a set that has ended gives nothing. */
  sync(header: KeyHeader): VerificationKey | undefined {
    const state = this.#state;
    return state && isFresh(state, this.#settings.now()) ? state.keys.find(header) : undefined;
  }

  async current(): Promise<KeySet> {
    return (await this.#valid()).keys;
  }

  /** The key that `pick` chooses. Rejects with `ERR_KEY_NOT_FOUND` if even a newer set has none. */
  async find(header: KeyHeader, pick: Pick): Promise<VerificationKey> {
    const state = await this.#valid();
    const key = pick(state.keys);
    if (key !== undefined) return key;
    this.#tell({ type: "unknown-kid", url: this.#name, kid: header.kid });
    // An issuer that has rotated is asked again, but not once for each name that somebody makes up. The time counts
    // from the last fetch, so a flood costs one fetch in each cool-down.
    const again = this.#settings.now() >= state.fetchedAt + this.#settings.coolDown ? await this.#refreshed() : state;
    const found = pick(again.keys);
    if (found === undefined) throw again.keys.notFound(header);
    return found;
  }

  /** A set that may be used now. */
  async #valid(): Promise<State> {
    const state = this.#state;
    const now = this.#settings.now();
    if (!state || !isFresh(state, now)) return this.#refreshed();
    // In the last fifth of its time a set is replaced in the background, so that no token waits for a fetch. A failure
    // there is reported as an event; the set at hand is still good.
    if (now >= state.freshUntil - (state.freshUntil - state.fetchedAt) / 5) this.#refresh().catch(() => {});
    return state;
  }

  /** A newer set, or the last good one while the issuer is down: in a new isolate that of the cache. */
  async #refreshed(): Promise<State> {
    try {
      return await this.#refresh();
    } catch (error) {
      const last = this.#state;
      if (!last || this.#settings.now() >= last.freshUntil + this.#settings.staleFor) throw error;
      this.#tell({ type: "stale", url: this.#name, error });
      return last;
    }
  }

  /**
   * One refresh for all who ask. After a failure the next one waits for 1, 2, 4 … seconds, up to the cool-down, so that
   * not every token asks an issuer in trouble. Until then the last failure is the answer.
   */
  async #refresh(): Promise<State> {
    const flying = this.#flight;
    if (flying) return this.#join(flying);
    const wait = this.#notBefore - this.#settings.now();
    // Never longer than that, unless the clock was set back.
    if (wait > 0 && wait <= this.#settings.coolDown) throw this.#failure;
    const flight: Flight = { promise: this.#fly() };
    this.#flight = flight;
    try {
      const state = await flight.promise;
      this.#failures = 0;
      return state;
    } catch (error) {
      this.#failure = error;
      this.#notBefore = this.#settings.now() + Math.min(2 ** this.#failures++, this.#settings.coolDown);
      this.#tell({ type: "failed", url: this.#name, error });
      throw error;
    } finally {
      // Only its own: a later flight may have taken its place meanwhile.
      if (this.#flight === flight) this.#flight = undefined;
    }
  }

  /**
   * Workers drop the promises of a request that has ended, so a flight that never lands must not be waited for for
   * ever. Five time-outs are the most that a flight takes: cache, two addresses of metadata, keys, cache.
   */
  async #join(flight: Flight): Promise<State> {
    const state = await withTimeout<State | undefined>(flight.promise, this.#settings.timeout * 5, () => undefined);
    if (state) return state;
    if (this.#flight === flight) this.#flight = undefined;
    return this.#refresh();
  }

  /** From the cache, or else from the issuer. Rejects with `ERR_KEYS_UNAVAILABLE`. */
  async #fly(): Promise<State> {
    const cached = await this.#fromCache();
    // Another isolate's answer serves if it is newer than ours, and still fresh.
    if (cached && cached.fetchedAt > (this.#state?.fetchedAt ?? 0)) {
      this.#state = cached;
      if (this.#settings.now() < cached.freshUntil) {
        this.#tell({ type: "cached", url: this.#name });
        return cached;
      }
    }
    const { value, maxAge } = await this.#load(this.#settings.timeout, this.#settings.fetch);
    // The set before it lends its objects to keys that are unchanged, so that what was imported stays imported.
    const keys = KeySet.from(value, this.#state?.keys);
    const fetchedAt = this.#settings.now();
    const state = { keys, fetchedAt, freshUntil: fetchedAt + maxAge };
    this.#state = state;
    this.#tell({ type: "fetched", url: this.#name });
    await this.#toCache(state, value);
    return state;
  }

  /** The set that the cache has, if it may still be used. No failure of the cache is one of the token. */
  async #fromCache(): Promise<State | undefined> {
    try {
      const kept = await this.#untilTimeout(this.#settings.cache?.get(this.#name));
      // A bound before anything is parsed, twice that of an answer.
      if (typeof kept !== "string" || kept.length > 1 << 21) return undefined;
      const { set, fetchedAt, freshUntil } = JSON.parse(kept) as Record<string, unknown>;
      const now = this.#settings.now();
      // Never later than now, and never fresh for longer than a day: a wrong clock elsewhere must not keep a set alive.
      if (typeof fetchedAt !== "number" || typeof freshUntil !== "number") return undefined;
      if (!(fetchedAt <= now + 60 && freshUntil <= fetchedAt + 86_400 && now < freshUntil + this.#settings.staleFor))
        return undefined;
      return { keys: KeySet.from(set, this.#state?.keys), fetchedAt, freshUntil };
    } catch (error) {
      this.#tell({ type: "cache-failed", url: this.#name, error });
      return undefined;
    }
  }

  /**
   * Keeps a set until it may no longer serve, even in an outage. Waited for, because Workers drop what a request leaves
   * behind.
   */
  async #toCache({ fetchedAt, freshUntil }: State, set: unknown): Promise<void> {
    const expirationTtl = Math.ceil(freshUntil - fetchedAt + this.#settings.staleFor);
    const kept = JSON.stringify({ set, fetchedAt, freshUntil });
    try {
      await this.#untilTimeout(this.#settings.cache?.put(this.#name, kept, { expirationTtl }));
    } catch (error) {
      this.#tell({ type: "cache-failed", url: this.#name, error });
    }
  }

  /** A cache that hangs must not hold up a token. */
  #untilTimeout<T>(work: Promise<T> | undefined): Promise<T | undefined> {
    return withTimeout<T | undefined>(Promise.resolve(work), this.#settings.timeout, () => {
      throw new Error("the cache did not answer");
    });
  }

  #tell(event: KeySetEvent): void {
    tell(this.#settings.on, event);
  }
}

/**
 * A set from the future means that the clock was set back since, and nobody knows how old the set is. A minute is
 * allowed for isolates whose clocks differ.
 */
function isFresh({ fetchedAt, freshUntil }: State, now: number): boolean {
  return now < freshUntil && now > fetchedAt - 60;
}

/**
 * An option in seconds, or its default. Throws an `ERR_JWT_OPTIONS` for text, NaN, and anything below 0 or over a year.
 */
function seconds(value: number | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value !== "number" || !(value >= 0 && value <= 31_536_000))
    throw keysError("ERR_JWT_OPTIONS", "a time must be in seconds, up to a year");
  return value;
}

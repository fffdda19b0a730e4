/**
 * Rate limits: by address for sign-ins and endpoints, by session for requests that pass through.
 *
 * Each key has one number, the time until which it is booked (the generic cell rate algorithm): an attempt books one
 * more share of the period, and must wait once a whole period is booked. Repeated failed sign-ins double the wait
 * before the next one.
 */

/** An attempt to be rate limited. */
export interface Attempt {
  /** A sign-in, a sign-in that was refused, a call to another endpoint, or a request that passes to a route. */
  readonly kind: "sign-in" | "failed-sign-in" | "endpoint" | "request";
  /** The sender's address, if the host knows it. */
  readonly address: string | null;
  /** The session of a request that passes; null for an anonymous request and every other kind. */
  readonly sid: string | null;
}

/** Seconds until another attempt; 0 lets it through. */
export type RateLimit = (attempt: Attempt) => number | Promise<number>;

/** At most `limit` attempts in a period, all at once or spread out. */
export interface Rule {
  readonly limit: number;
  readonly per: number;
}

export interface LimitRules {
  /** Sign-ins per address. Default 30 in 60 seconds. */
  readonly signIns?: Rule;
  /** Requests per address to all other endpoints. Default 120 in 60 seconds. */
  readonly endpoints?: Rule;
  /** Requests that pass, per session, or per address without a session. Default 600 in 60 seconds. */
  readonly requests?: Rule;
  /**
   * How many failed sign-ins of one address are free. After that each has to wait: 1 s, then twice as long each time,
   * up to 15 minutes. A quarter of an hour without a failure resets the count. Default 5.
   */
  readonly failures?: number;
}

/** The number of failed sign-ins of one address, and the time of the last one in seconds. */
export interface Failures {
  readonly count: number;
  readonly last: number;
}

/** Stores the failed sign-ins. */
export interface FailureBook {
  get(key: string): Failures | undefined;
  set(key: string, failures: Failures): void;
}

/** Counts in memory, for one process or one Durable Object. Memory use is bounded, whatever clients send. */
export class Limits {
  readonly #rules: { readonly signIns: Rule; readonly endpoints: Rule; readonly requests: Rule };
  readonly #free: number;
  readonly #booked = new Bounded<number>();
  readonly #failures: FailureBook;

  /** @throws TypeError for invalid rules. */
  constructor(rules: LimitRules = {}, failures: FailureBook = new Bounded<Failures>()) {
    const { signIns = per60(30), endpoints = per60(120), requests = per60(600) } = rules;
    for (const { limit, per } of [signIns, endpoints, requests]) {
      if (!(limit >= 1 && per > 0))
        throw new TypeError(
          "limits: a rule must be { limit, per }, with per in seconds, such as { limit: 30, per: 60 }",
        );
    }
    this.#rules = { signIns, endpoints, requests };
    this.#free = rules.failures ?? 5;
    this.#failures = failures;
  }

  /** Seconds to wait; 0 for an attempt that may pass, which is then counted. `now` is in seconds. */
  take(attempt: Attempt, now: number): number {
    const key = keyOf(attempt);
    // Without an address or a session everyone would share one count, and anyone could lock everyone out.
    if (key === null) return 0;
    switch (attempt.kind) {
      case "failed-sign-in":
        this.#fail(key, now);
        return 0;
      case "sign-in":
        return this.#waitAfterFailures(key, now) || this.#book(`in ${key}`, this.#rules.signIns, now);
      case "endpoint":
        return this.#book(`to ${key}`, this.#rules.endpoints, now);
      case "request":
        return this.#book(`by ${key}`, this.#rules.requests, now);
    }
  }

  /** The number of booked times in memory. */
  get size(): number {
    return this.#booked.size;
  }

  #book(key: string, { limit, per }: Rule, now: number): number {
    // A time in the past books from now on, so that nobody accumulates attempts by staying away.
    const until = Math.max(now, this.#booked.get(key) ?? 0) + per / limit;
    // A thousandth of tolerance for floating-point sums.
    if (until - now > per + 0.001) return until - now - per;
    this.#booked.set(key, until);
    return 0;
  }

  #fail(key: string, now: number): void {
    const before = this.#failures.get(key);
    const isForgiven = before === undefined || now - before.last > FORGIVEN_AFTER;
    this.#failures.set(key, { count: isForgiven ? 1 : before.count + 1, last: now });
  }

  #waitAfterFailures(key: string, now: number): number {
    const { count, last } = this.#failures.get(key) ?? { count: 0, last: 0 };
    const over = count - this.#free;
    if (over <= 0 || now - last > FORGIVEN_AFTER) return 0;
    // The wait doubles with each failure: seconds for a person who mistyped, and soon minutes for a guesser.
    return Math.max(0, last + Math.min(FORGIVEN_AFTER, 2 ** (over - 1)) - now);
  }
}

/** Rate limits in the memory of this process. */
export function memoryLimits(rules?: LimitRules): RateLimit {
  const limits = new Limits(rules);
  return (attempt) => limits.take(attempt, Date.now() / 1000);
}

/** A rate limiting binding of Workers, which counts separately in each Cloudflare location. */
export interface RateLimitBinding {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** The limits of such a binding. Their `limit` and `period` are set in the Worker's configuration. */
export function bindingLimits(binding: RateLimitBinding, { period = 60 }: { period?: 10 | 60 } = {}): RateLimit {
  return async (attempt) => {
    const key = keyOf(attempt);
    if (key === null || attempt.kind === "failed-sign-in") return 0;
    const { success } = await binding.limit({ key: `${attempt.kind} ${key}` });
    return success ? 0 : period;
  };
}

/**
 * The key that attempts are counted under: the session, or else the address. A client with one IPv6 address usually has
 * 2^64 of them, so only the first half of the address counts.
 */
export function keyOf({ kind, address, sid }: Attempt): string | null {
  if (kind === "request" && sid !== null) return `sid ${sid}`;
  if (address === null || address === "") return null;
  // Any text other than an IPv6 address is truncated, so that keys stay short.
  if (!address.includes(":")) return address.slice(0, 64);
  const groups = groupsOf(address);
  // An IPv4 address written as IPv6 is the same client, and its first half would be shared by everyone.
  if (HOLDS_IPV4.has(groups.slice(0, 6).join(":"))) return groups.slice(6).flatMap(bytesOf).join(".");
  return groups.slice(0, 4).join(":");
}

/**
 * The first six groups of addresses that embed an IPv4 address: mapped (RFC 4291 §2.5.5.2) and NAT64 (RFC 6052 §2.1).
 */
const HOLDS_IPV4: ReadonlySet<string> = new Set(["0:0:0:0:0:ffff", "64:ff9b:0:0:0:0"]);

/** The eight groups of an IPv6 address, in hexadecimal. */
function groupsOf(address: string): string[] {
  // The zone after `%` is local to the host. The last two groups may be written as an IPv4 address.
  const hexadecimal = (address.toLowerCase().split("%", 1)[0] ?? "").replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_, a, b, c, d) => `${groupOf(a, b)}:${groupOf(c, d)}`,
  );
  // `::` stands for as many zero groups as are missing (RFC 4291 §2.2).
  const [head = "", tail = ""] = hexadecimal.split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === "" ? [] : tail.split(":");
  const missing = hexadecimal.includes("::") ? Math.max(0, 8 - first.length - last.length) : 0;
  const zeros = Array.from({ length: missing }, () => "0");
  return [...first, ...zeros, ...last].map((group) => group.replace(/^0+(?=.)/, ""));
}

const groupOf = (high: string, low: string): string => (Number(high) * 256 + Number(low)).toString(16);

function bytesOf(group: string): [number, number] {
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 255];
}

/** A map that evicts the entry that was written longest ago. */
class Bounded<Value> {
  readonly #entries = new Map<string, Value>();

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: Value): void {
    // Deleted first, so that the key moves to the end of the order.
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= MAX_KEYS) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}

const per60 = (limit: number): Rule => ({ limit, per: 60 });
// About a megabyte. Beyond that the oldest entry is evicted, which only favours its sender.
const MAX_KEYS = 10_000;
/** How long after its last failed sign-in an address counts as new, in seconds. */
export const FORGIVEN_AFTER = 15 * 60;

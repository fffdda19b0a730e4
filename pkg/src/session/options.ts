// Every option by name, with its type, its range and its default. Values are checked against this table, and docs/api
// is made from it. An option that is misspelt or wrong is reported by its name, wherever it stands.

import { unknownOption } from "../core/unknown-option.js";
import { milliseconds } from "../jwt/timespan.js";
import { SessionError } from "./errors.js";
import { isText } from "./text.js";

/** The type and the default of an option. */
export type Kind =
  | "text"
  | "texts"
  | "names"
  | "span"
  | "count"
  | "share"
  | "time"
  | "choice"
  | "flag"
  | "object"
  | "function"
  // Checked where it is taken apart.
  | "anything";

/** One option. */
export interface Option {
  readonly kind: Kind;
  readonly required?: true;
  /** The default; a sentence where other options decide. */
  readonly default?: string | number | boolean;
  /** The least value of a count or a share, or of a span in seconds. */
  readonly from?: number;
  readonly to?: number;
  readonly choices?: readonly string[];
}

const TRANSPORT: Option = { kind: "choice", choices: ["cookie", "bearer"], default: "bearer" };
const HOUR = 3600;

/** The options of each function, and of each object among them. */
export const OPTIONS = {
  createSessions: {
    issuer: { kind: "text", required: true },
    audience: { kind: "texts", required: true },
    clientId: { kind: "text", required: true },
    keys: { kind: "anything", required: true },
    store: { kind: "anything", required: true },
    accessTtl: { kind: "span", default: "15m" },
    refreshIdle: { kind: "span", default: "14d" },
    absolute: { kind: "span", default: "90d" },
    grace: { kind: "span", default: "30s" },
    recovery: { kind: "span", default: "as long as refreshIdle; 0 in profile strict" },
    handOuts: { kind: "count", default: 10, from: 1, to: 1000 },
    jitter: { kind: "share", default: 0.05, from: 0, to: 0.05 },
    profile: { kind: "choice", choices: ["standard", "strict"], default: "standard" },
    maxSessions: { kind: "count", default: "any number", from: 1 },
    dpop: { kind: "object" },
    claims: { kind: "function" },
    on: { kind: "function" },
    now: { kind: "function", default: "Date.now" },
  },
  keys: {
    access: { kind: "anything", required: true },
    refresh: { kind: "anything", default: "derived from the access secrets" },
    retired: { kind: "names", default: "none" },
  },
  dpop: {
    maxAge: { kind: "span", default: "60s", from: 1, to: HOUR },
    nonces: { kind: "span", default: "none required", from: 1, to: HOUR },
    required: { kind: "flag", default: false },
  },
  issue: {
    sub: { kind: "text", required: true },
    claims: { kind: "anything", default: "{}" },
    scope: { kind: "text" },
    transport: TRANSPORT,
    acr: { kind: "text" },
    authTime: { kind: "time", default: "now, without a check for sign-outs" },
    device: { kind: "text" },
    dpop: { kind: "anything" },
  },
  refresh: {
    transport: TRANSPORT,
    // These come from a client, so a mistake in them is answered and not thrown.
    scope: { kind: "anything", default: "the granted scope" },
    dpop: { kind: "anything" },
  },
  stepUp: {
    acr: { kind: "text", required: true },
    transport: TRANSPORT,
    claims: { kind: "anything", default: "as in the old session" },
    scope: { kind: "text", default: "as in the old session" },
    authTime: { kind: "time", default: "now, without a check for sign-outs" },
    dpop: { kind: "anything" },
  },
  verify: {
    scope: { kind: "text" },
    checkSession: { kind: "flag", default: false },
    schema: { kind: "anything", default: "the claims unchanged" },
    dpop: { kind: "anything" },
  },
  revokeAll: {
    except: { kind: "text" },
  },
} as const satisfies Record<string, Record<string, Option>>;

type Where = keyof typeof OPTIONS;

/** Mistakes in the set-up, as opposed to those of a single call. */
const SETUP: ReadonlySet<Where> = new Set<Where>(["createSessions", "keys", "dpop"]);

/** Throws a `SessionError` that names the first option that `where` does not know. */
export function requireKnownOptions(where: Where, options: unknown): void {
  if (typeof options !== "object" || options === null) return;
  const unknown = unknownOption(options, Object.keys(OPTIONS[where]));
  if (unknown !== undefined) throw new SessionError(codeOf(where), `${where} ${unknown}`);
}

/** Throws a `SessionError` that names the first option that is missing or wrong. */
export function checkOptions(where: Where, options: object): void {
  for (const [name, option] of Object.entries<Option>(OPTIONS[where])) {
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined && option.required !== true) continue;
    const needed = wants(option, value);
    if (needed === undefined) continue;
    const path = where === "keys" || where === "dpop" ? `${where}.${name}` : name;
    const prefix = SETUP.has(where) ? "createSessions: " : "";
    throw new SessionError(codeOf(where), `${prefix}${path} must be ${needed}`);
  }
}

/** The seconds of a span; NaN if it is none. A bare number in a text is milliseconds to some and seconds to others. */
export function secondsOf(span: unknown): number {
  if (typeof span === "number") return Number.isSafeInteger(span) && span >= 0 ? span : Number.NaN;
  const ms = typeof span === "string" && /[a-z]/i.test(span) ? milliseconds(span) : Number.NaN;
  return ms >= 0 ? Math.floor(ms / 1000) : Number.NaN;
}

const codeOf = (where: Where) => (SETUP.has(where) ? "ERR_SESSION_OPTIONS" : "ERR_SESSION_REQUEST");

/** The sentence for a value of the wrong type. */
function wants({ kind, from = 0, to, choices = [] }: Option, value: unknown): string | undefined {
  const range = to === undefined ? `from ${from}` : `from ${from} to ${to}`;
  const isNumber = typeof value === "number" && value >= from && value <= (to ?? Number.POSITIVE_INFINITY);
  switch (kind) {
    case "text":
      return isText(value) ? undefined : "a non-empty string";
    case "texts": {
      const list: unknown[] = Array.isArray(value) ? value : [value];
      return list.length > 0 && list.every(isText) ? undefined : "a string or an array of strings";
    }
    case "names":
      return Array.isArray(value) && value.every(isText) ? undefined : "an array of kids";
    case "span": {
      const seconds = secondsOf(value);
      if (Number.isNaN(seconds)) return 'whole seconds, or a time span with a unit, such as "15m"';
      return to === undefined || (seconds >= from && seconds <= to) ? undefined : "from 1 second to 1 hour";
    }
    case "count":
      return isNumber && Number.isInteger(value) ? undefined : `a whole number ${range}`;
    case "share":
      return isNumber ? undefined : range;
    case "time":
      return typeof value === "number" && Number.isFinite(value) && value >= 0 ? undefined : "seconds since 1970";
    case "choice":
      return choices.includes(value as string) ? undefined : choices.map((choice) => `"${choice}"`).join(" or ");
    case "flag":
      return typeof value === "boolean" ? undefined : "a boolean";
    case "object":
      return typeof value === "object" && value !== null ? undefined : "an object";
    case "function":
      return typeof value === "function" ? undefined : "a function";
    case "anything":
      return undefined;
  }
}

/**
 * The cookies of the edge: their names, how a request's are read, how a response's are written.
 *
 * Four of them, all `Path=/` and none with a `Domain`, so that no other host can plant or receive one. Browsers that
 * know the prefix `__Host-Http-` refuse it to scripts as well; older ones apply the rules of `__Host-`: the access
 * token and the refresh token (HttpOnly: script never sees a token), a readable companion that tells the page *when*
 * without telling it *what*, and after a logout a short-lived note of which session ended.
 */
import type { Outside } from "./seal.js";

/** `host`: the `__Host-Http-` names, Secure. `dev`: no prefix and no Secure, for http on this very machine only. */
export type CookieMode = "host" | "dev";

export interface CookieNames {
  /** Hold the tokens; no script reads either. */
  readonly access: string;
  readonly refresh: string;
  /** The companion that script reads. */
  readonly session: string;
  /** The sessions that this browser has left. */
  readonly out: string;
}

/** The cookies of one site: its names and its attributes. */
export interface CookieJar {
  readonly names: CookieNames;
  readonly secure: boolean;
  readonly sameSite: "Lax" | "Strict";
}

/** The values of our cookies in a request, before anything in them is believed. */
export interface PresentedCookies {
  readonly access: string | null;
  readonly refresh: string | null;
  /** The outside of a refresh cookie that is sealed by a key that is not here. */
  readonly outside?: Outside | null;
  /** Whether the readable companion came along. */
  readonly companion: boolean;
  /** Sessions that this browser has logged out of, newest first. */
  readonly out: readonly string[];
}

/** A browser keeps about 4,096 bytes of a cookie and drops a longer one silently; the attributes count in some. */
export const MAX_COOKIE_BYTES = 3_800;

// A longer header is not read at all: the request counts as a stranger's, and none of its cookies is forwarded.
const MAX_COOKIE_HEADER = 64 * 1024;
// Somebody who signs in and out again and again must not make the cookie grow.
const MAX_REMEMBERED_LOGOUTS = 4;
/**
 * Seconds: longer than any access token should live; what comes after that is refused by the store. A session
 * identifier never comes back, so remembering one for longer than needed keeps nobody out.
 */
const LOGOUT_REMEMBERED = 24 * 60 * 60;
// Without dots, which separate the names in the cookie of logouts.
const SID = /^[A-Za-z0-9_-]{1,64}$/;
const HOST_NAMES: CookieNames = {
  access: "__Host-Http-access",
  refresh: "__Host-Http-refresh",
  session: "session",
  out: "__Host-Http-session-out",
};
/** The jar of an edge without sessions, where a cookie `session` is the origin's own. */
export const NO_COOKIES: CookieJar = {
  names: { ...HOST_NAMES, session: HOST_NAMES.access },
  secure: true,
  sameSite: "Lax",
};
const DEV_NAMES: CookieNames = { access: "access", refresh: "refresh", session: "session", out: "session-out" };

export function cookieJar(mode: CookieMode, sameSite: "lax" | "strict"): CookieJar {
  return {
    names: mode === "host" ? HOST_NAMES : DEV_NAMES,
    secure: mode === "host",
    sameSite: sameSite === "strict" ? "Strict" : "Lax",
  };
}

export function readCookies(header: string | null, names: CookieNames): PresentedCookies {
  let access: string | null = null;
  let refresh: string | null = null;
  let companion = false;
  let out: string | null = null;
  for (const [name, value] of pairs(header)) {
    // The first of a name counts: browsers send the cookie with the longest path first, and ours have none longer.
    if (name === names.access) access ??= value;
    else if (name === names.refresh) refresh ??= value;
    else if (name === names.session) companion ||= value !== "";
    else if (name === names.out) out ??= value;
  }
  return { access: bounded(access), refresh: bounded(refresh), companion, out: sids(out) };
}

/** The header without our cookies: what an origin may see. Null when nothing is left. */
export function withoutOurs(header: string | null, names: CookieNames): string | null {
  const kept: string[] = [];
  for (const [name, value, whole] of pairs(header)) {
    if (!isOurs(name, names)) kept.push(value === null ? name : whole);
  }
  return kept.length === 0 ? null : kept.join("; ");
}

/** True for a Set-Cookie line that would write, or clear, a cookie of ours. */
export function writesOurs(setCookie: string, names: CookieNames): boolean {
  // "=__Host-Http-access=x" is a cookie without a name, which some browsers send back as "__Host-Http-access=x".
  const line = setCookie.replace(/^[\s=]+/, "");
  const end = line.search(/[=;]/);
  return isOurs((end < 0 ? line : line.slice(0, end)).trim(), names);
}

export function setToken(jar: CookieJar, name: string, token: string, maxAge: number): string {
  return line(jar, name, token, maxAge, true);
}

/** The one cookie that script reads: `JSON.parse(decodeURIComponent(value))`. */
export function setCompanion(jar: CookieJar, view: object, maxAge: number): string {
  return line(jar, jar.names.session, companionValue(view), maxAge, false);
}

/** JSON in the characters that a cookie may hold: quotes and commas are not among them (RFC 6265 §4.1.1). */
export function companionValue(view: object): string {
  return encodeURIComponent(JSON.stringify(view));
}

/** The lines that sign a browser out. The note of which session ended stays. */
export function clearAll(jar: CookieJar): string[] {
  const { access, refresh } = jar.names;
  return [line(jar, access, "", 0, true), line(jar, refresh, "", 0, true), clearCompanion(jar)];
}

export function clearCompanion(jar: CookieJar): string {
  return line(jar, jar.names.session, "", 0, false);
}

/**
 * Remembers what was logged out of, newest first, so that a late answer that sets its cookies again brings nothing
 * back.
 */
export function setLoggedOut(jar: CookieJar, sids: readonly string[]): string | null {
  const list = [...new Set(sids)].filter(isSid).slice(0, MAX_REMEMBERED_LOGOUTS);
  return list.length === 0 ? null : line(jar, jar.names.out, list.join("."), LOGOUT_REMEMBERED, true);
}

/** Whether a text can be the name of a session. */
export function isSid(text: string): boolean {
  return SID.test(text);
}

/** Whether a browser keeps a cookie of this length. Names and values of ours are ASCII, so characters are bytes. */
export function fits(name: string, value: string): boolean {
  return name.length + 1 + value.length <= MAX_COOKIE_BYTES;
}

/**
 * One `Set-Cookie` line. The prefix `__Host-` demands `Path=/` and no `Domain` (RFC 6265bis §4.1.3). `Max-Age`, unlike
 * `Expires`, does not depend on the clock of the browser.
 */
function line(jar: CookieJar, name: string, value: string, maxAge: number, httpOnly: boolean): string {
  return (
    `${name}=${value}; Path=/; Max-Age=${Math.max(0, Math.floor(maxAge))}` +
    `${jar.secure ? "; Secure" : ""}${httpOnly ? "; HttpOnly" : ""}; SameSite=${jar.sameSite}`
  );
}

/**
 * Ours whatever the mode: the `__Host-Http-` names never belong to an origin, the plain ones only in their own mode.
 */
function isOurs(name: string, names: CookieNames): boolean {
  return (
    name === names.access ||
    name === names.refresh ||
    name === names.session ||
    name === names.out ||
    name === HOST_NAMES.access ||
    name === HOST_NAMES.refresh ||
    name === HOST_NAMES.out
  );
}

function* pairs(header: string | null): Generator<[name: string, value: string | null, whole: string]> {
  if (header === null || header.length > MAX_COOKIE_HEADER) return;
  for (const part of header.split(";")) {
    const whole = part.trim();
    if (whole === "") continue;
    const equals = whole.indexOf("=");
    // Browsers send a cookie without a name as its value alone. It is taken for a name, so that one of ours is dropped.
    if (equals < 0) yield [whole, null, whole];
    else yield [whole.slice(0, equals).trim(), whole.slice(equals + 1).trim(), whole];
  }
}

/** Nothing that we set is longer, so nothing longer is worth a signature check. */
function bounded(value: string | null): string | null {
  return value !== null && value !== "" && value.length <= MAX_COOKIE_BYTES ? value : null;
}

function sids(value: string | null): string[] {
  if (value === null) return [];
  return value.split(".", MAX_REMEMBERED_LOGOUTS).filter(isSid);
}

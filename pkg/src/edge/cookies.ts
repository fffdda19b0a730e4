/**
 * The cookies of the edge: their names, how a request's are read, how a response's are written.
 *
 * There are four of them, all with `Path=/` and without a `Domain`, so that no other host can plant or receive one. Two
 * hold the access token and the refresh token (HttpOnly: script never sees a token). Browsers that know the prefix
 * `__Host-Http-` also keep scripts from setting them; older ones apply the rules of `__Host-`. A readable companion
 * tells the page *when* the token ends without revealing *what* it is. After a logout, a short-lived cookie notes which
 * session ended.
 */
import type { Outside } from "./seal.js";

/** `host`: the `__Host-Http-` names, Secure. `dev`: no prefix and not Secure, for http on this machine only. */
export type CookieMode = "host" | "dev";

export interface CookieNames {
  /** Hold the tokens; no script can read either. */
  readonly access: string;
  readonly refresh: string;
  /** The companion, which script can read. */
  readonly session: string;
  /** The sessions that this browser has logged out of. */
  readonly out: string;
}

/** The cookies of one site: its names and its attributes. */
export interface CookieJar {
  readonly names: CookieNames;
  readonly secure: boolean;
  readonly sameSite: "Lax" | "Strict";
}

/** The values of our cookies in a request, not yet verified. */
export interface PresentedCookies {
  readonly access: string | null;
  readonly refresh: string | null;
  /** The readable outside of a refresh cookie whose sealing key this server does not have. */
  readonly outside?: Outside | null;
  /** Whether the readable companion came along. */
  readonly companion: boolean;
  /** Sessions that this browser has logged out of, newest first. */
  readonly out: readonly string[];
}

/** Browsers store about 4,096 bytes per cookie and silently drop a longer one; some count the attributes too. */
export const MAX_COOKIE_BYTES = 3_800;

// A longer header is not parsed: the request counts as anonymous, and none of its cookies is forwarded.
const MAX_COOKIE_HEADER = 64 * 1024;
// Repeated sign-ins and sign-outs must not make the cookie grow.
const MAX_REMEMBERED_LOGOUTS = 4;
/**
 * In seconds: longer than any access token should live; a later answer is refused by the store anyway. Session
 * identifiers are never reused, so remembering one for too long locks nobody out.
 */
const LOGOUT_REMEMBERED = 24 * 60 * 60;
// No dots, because they separate the names in the logout cookie.
const SID = /^[A-Za-z0-9_-]{1,64}$/;
const HOST_NAMES: CookieNames = {
  access: "__Host-Http-access",
  refresh: "__Host-Http-refresh",
  session: "session",
  out: "__Host-Http-session-out",
};
/** The jar of an edge without sessions, where a cookie named `session` belongs to the origin. */
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
    // The first cookie of a name wins: browsers send the one with the longest path first, and ours all have `Path=/`.
    if (name === names.access) access ??= value;
    else if (name === names.refresh) refresh ??= value;
    else if (name === names.session) companion ||= value !== "";
    else if (name === names.out) out ??= value;
  }
  return { access: bounded(access), refresh: bounded(refresh), companion, out: sids(out) };
}

/** The Cookie header without our cookies, as an origin may see it. Null when nothing is left. */
export function withoutOurs(header: string | null, names: CookieNames): string | null {
  const kept: string[] = [];
  for (const [name, value, whole] of pairs(header)) {
    if (!isOurs(name, names)) kept.push(value === null ? name : whole);
  }
  return kept.length === 0 ? null : kept.join("; ");
}

/** True for a Set-Cookie line that would set or clear one of our cookies. */
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

/** JSON in the characters that a cookie may hold, which exclude quotes and commas (RFC 6265 §4.1.1). */
export function companionValue(view: object): string {
  return encodeURIComponent(JSON.stringify(view));
}

/** The Set-Cookie lines that sign a browser out. The note of which session ended stays. */
export function clearAll(jar: CookieJar): string[] {
  const { access, refresh } = jar.names;
  return [line(jar, access, "", 0, true), line(jar, refresh, "", 0, true), clearCompanion(jar)];
}

export function clearCompanion(jar: CookieJar): string {
  return line(jar, jar.names.session, "", 0, false);
}

/**
 * Remembers the sessions that were logged out, newest first, so that a late answer that sets their cookies again does
 * not revive them.
 */
export function setLoggedOut(jar: CookieJar, sids: readonly string[]): string | null {
  const list = [...new Set(sids)].filter(isSid).slice(0, MAX_REMEMBERED_LOGOUTS);
  return list.length === 0 ? null : line(jar, jar.names.out, list.join("."), LOGOUT_REMEMBERED, true);
}

/** Whether a text can be a session identifier. */
export function isSid(text: string): boolean {
  return SID.test(text);
}

/** Whether a browser stores a cookie of this length. Our names and values are ASCII, so characters are bytes. */
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
 * Whether a cookie is ours. The `__Host-Http-` names are ours in either mode, and the plain names only in `dev` mode.
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
    // Browsers send a nameless cookie as its value alone. The value is read as a name, so that a disguised one of ours
    // is dropped.
    if (equals < 0) yield [whole, null, whole];
    else yield [whole.slice(0, equals).trim(), whole.slice(equals + 1).trim(), whole];
  }
}

/** We never set a longer value, so a longer one is not worth a signature check. */
function bounded(value: string | null): string | null {
  return value !== null && value !== "" && value.length <= MAX_COOKIE_BYTES ? value : null;
}

function sids(value: string | null): string[] {
  if (value === null) return [];
  return value.split(".", MAX_REMEMBERED_LOGOUTS).filter(isSid);
}

/**
 * The readings of a path: how an origin behind the edge may interpret it.
 *
 * Origins differ in how they read paths. Some decode twice, some drop `;parameters`, some treat a backslash as a slash,
 * some merge slashes or fold case. A reading is a path after any number of such steps, in any order.
 *
 * Most steps can only add patterns that match a path, because no pattern contains an escape, a `;`, an empty segment or
 * a dot segment. For those steps two readings are enough: the reading as it stands, and the reading with all of them
 * applied (`ripe`). The order of the steps that remove something matters, so every order is tried.
 */

/** An escaped character of UTF-8, by its length in bytes. */
// One byte for ASCII, then two to four: the first digit of the first byte says how many (RFC 3629 §3).
const CHARACTER =
  /%[0-7][\da-f]|%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-7](?:%[89ab][\da-f]){3}/gi;
const CHARACTERS = new RegExp(`(?:${CHARACTER.source})+`, "gi");

/** A segment that ends in two dots. */
const CLIMB = /\/[^/]*[^./]\.\.(?=\/|$)/g;

/**
 * Never found in a legitimate path: control characters, dot segments (also with blanks around them), overlong UTF-8,
 * and `%25252525`. A URL parser has already resolved legitimate dot segments; one that appears by decoding could climb.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
export const NEVER = /[\0-\x1f\x7f]|[/\\]\s*\.\.?\s*(?:[/\\;?#]|$)|%c[01]%[89ab]|%e0%[89]|%f0%8|%(?:25){4}/i;

/**
 * A path that may have more than one reading: escapes, parameters, backslashes, empty segments, a dot at a segment's
 * end.
 */
export const AMBIGUOUS = /[%;\\?#]|\/\/|\.(?:\/|$)|[^\x21-\x7e]/;

/** The readings that are one step away. */
export function* steps(path: string): Generator<string> {
  if (path.includes("%")) {
    const decoded = decodePath(path);
    // Decoding twice, as some origins do, is this step applied again.
    yield decoded;
    // Some servers drop bytes that are not UTF-8, and others read them as Latin-1.
    yield decoded.replace(/%[89a-f][\da-f]/gi, "");
    yield decoded.replace(/%([89a-f][\da-f])/gi, character);
    // Old IIS and Jetty 9 also decode %uXXXX.
    yield path.replace(/%u([\da-f]{4})/gi, character);
    // Some origins decode everything except slashes.
    yield path.replace(/%(?!2f|5c)([0-7][\da-f])/gi, character);
  }
  yield path.replaceAll("\\", "/");
  // Servlets drop the parameters of each segment.
  yield path.replace(/;[^/]*/g, "");
  // An origin that decodes before it parses lets `?` and `#` end the path.
  yield path.replace(/[?#].*/s, "") || "/";
  // `new URL(path, base)` reads `//host/path` as `/path` on another host.
  yield path.replace(/^\/[\s.]*[/\\][\s./\\]*[^/\\]*/, "") || "/";
  // nginx with `location /files { alias /srv/files/; }` climbs on `/files../`. One segment at a time, because another
  // server may have trimmed the dots of one segment before the next one climbs.
  for (const { index, 0: segment } of path.matchAll(CLIMB)) {
    yield path.slice(0, index) + path.slice(index + segment.length);
  }
  // A router's wildcard that rejects empty segments leaves the path to the outer pattern.
  yield path.replace(/(\/[^/]+\/)[^/]+\/(?=\/)/g, "$1-/");
  // One server may trim the dots of a segment on which the next one would have climbed.
  yield trimmed(path);
  yield fold(path);
}

/** The reading with every pattern-adding step applied: slashes merged, segments trimmed, case folded. */
export function ripe(path: string): string {
  const merged = trimmed(path).replace(/\/{2,}/g, "/");
  // Upper case first: "ſ" and "K" (the Kelvin sign) would stay distinct letters under lower-casing alone.
  return fold(merged).toUpperCase().toLowerCase().replace(/\/$/, "");
}

/** The path without blanks around its segments, and without dots at their ends. */
function trimmed(path: string): string {
  // The look-behind keeps the search linear: without it 8 KB of blanks would take 20 ms.
  return path.replace(/(?<![.\s])[.\s]+(?=\/|$)/g, "").replace(/\/\s+/g, "/");
}

/**
 * Decodes a path once. Percent signs that escape nothing, and bytes that are not UTF-8, are left as they are: another
 * step may decode them.
 */
export function decodePath(path: string): string {
  return path.replace(CHARACTERS, (run) => {
    return decodedOrUndefined(run) ?? run.replace(CHARACTER, (one) => decodedOrUndefined(one) ?? one);
  });
}

/** Letters without accents, width, or characters that do not show. ASCII stays as it is. */
export function fold(path: string): string {
  if (!/[^\0-\x7f]/.test(path)) return path;
  const letters = path.normalize("NFKD").replace(/[\p{M}\p{Default_Ignorable_Code_Point}\ufffd]/gu, "");
  return letters.replace(/[\u2044\u2215\u29f8]/g, "/");
}

function decodedOrUndefined(escapes: string): string | undefined {
  try {
    return decodeURIComponent(escapes);
  } catch {
    return undefined;
  }
}

function character(_: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

/**
 * The readings of a path: what an origin behind the edge may make of it.
 *
 * Nobody knows how an origin reads paths. Some decode twice, some drop `;parameters`, some take a backslash for a
 * slash, some merge slashes or fold case. A reading is a path after any number of such steps, in any order.
 *
 * Most steps can only add patterns that a path falls under, because no pattern holds an escape, a `;`, an empty segment
 * or a dot segment. For those steps it is enough to look at both ends: the reading as it stands, and the reading with
 * all of them taken (`ripe`). The steps that cut something away depend on what came before, so every order is tried.
 */

/** An escaped character of UTF-8, by its length in bytes. */
// One byte for ASCII, then two to four: the first digit of the first byte says how many (RFC 3629 §3).
const CHARACTER =
  /%[0-7][\da-f]|%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-7](?:%[89ab][\da-f]){3}/gi;
const CHARACTERS = new RegExp(`(?:${CHARACTER.source})+`, "gi");

/** A segment that ends in two dots. */
const CLIMB = /\/[^/]*[^./]\.\.(?=\/|$)/g;

/**
 * Found in no reading of an honest path: control characters, dot segments (with blanks around them too), overlong
 * UTF-8, and `%25252525`. A URL parser has resolved the honest dot segments; one that appears by decoding could climb.
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
    // Decoding twice, as some origins do, is this step taken again.
    yield decoded;
    // Bytes that are not UTF-8 are dropped by some servers, and read as Latin-1 by others.
    yield decoded.replace(/%[89a-f][\da-f]/gi, "");
    yield decoded.replace(/%([89a-f][\da-f])/gi, character);
    // Old IIS and Jetty 9 know %uXXXX too.
    yield path.replace(/%u([\da-f]{4})/gi, character);
    // Some decode everything but slashes.
    yield path.replace(/%(?!2f|5c)([0-7][\da-f])/gi, character);
  }
  yield path.replaceAll("\\", "/");
  // Servlets drop the parameters of a segment.
  yield path.replace(/;[^/]*/g, "");
  // Decoded first and parsed afterwards, `?` and `#` end the path.
  yield path.replace(/[?#].*/s, "") || "/";
  // `new URL(path, base)` takes `//host/path` for another host's `/path`.
  yield path.replace(/^\/[\s.]*[/\\][\s./\\]*[^/\\]*/, "") || "/";
  // nginx with `location /files { alias /srv/files/; }` climbs by `/files../`. One at a time: another server may have
  // trimmed the dots of one segment before the next one climbs.
  for (const { index, 0: segment } of path.matchAll(CLIMB)) {
    yield path.slice(0, index) + path.slice(index + segment.length);
  }
  // A router's wildcard that takes no empty segment leaves the path to the outer pattern.
  yield path.replace(/(\/[^/]+\/)[^/]+\/(?=\/)/g, "$1-/");
  // One server trims the dots of a segment that the next one would have climbed by.
  yield trimmed(path);
  yield fold(path);
}

/** The reading with every step taken that only adds patterns: slashes merged, segments trimmed, case folded. */
export function ripe(path: string): string {
  const merged = trimmed(path).replace(/\/{2,}/g, "/");
  // Upper case first: "ſ" and "K" (the Kelvin sign) are other letters in lower case alone.
  return fold(merged).toUpperCase().toLowerCase().replace(/\/$/, "");
}

/** The path without blanks around its segments, and without dots at their ends. */
function trimmed(path: string): string {
  // The look-behind keeps the search linear: without it 8 KB of blanks take 20 ms.
  return path.replace(/(?<![.\s])[.\s]+(?=\/|$)/g, "").replace(/\/\s+/g, "/");
}

/**
 * Decodes a path once. Percent signs that escape nothing, and bytes that are not UTF-8, are left as they stand: another
 * step may make something of them.
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

/**
 * Origins that each read paths in their own way: a few random steps lie between the path that is sent and the path that
 * is served. Modelled on the behaviour of servers, not on the guard.
 */

const decodeOnce = (path) =>
  path.replace(/(?:%[\da-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });

/** Decodes runs of escapes to bytes, in the ways that servers treat bytes that are not UTF-8. */
const decodeBytes = (odd) => (path) =>
  path.replace(/(?:%[\da-f]{2})+/gi, (run) => {
    const bytes = Buffer.from(run.replaceAll("%", ""), "hex");
    const text = bytes.toString("utf8");
    return text.includes("\ufffd") ? odd(bytes) : text;
  });

/** The steps by name. Each exists in some server or framework. */
export const STEPS = {
  decode: decodeOnce,
  "decode, dropping what is not UTF-8": decodeBytes((bytes) =>
    [...bytes]
      .filter((byte) => byte < 128)
      .map((byte) => String.fromCharCode(byte))
      .join(""),
  ),
  "decode as Latin-1": decodeBytes((bytes) => bytes.toString("latin1")),
  "decode all but slashes": (path) =>
    path.replace(/%([0-7][\da-f])/gi, (whole, hex) =>
      /^(?:2f|5c)$/i.test(hex) ? whole : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  "decode %uXXXX": (path) =>
    path.replace(/%u([\da-f]{4})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
  "backslashes are slashes": (path) => path.replaceAll("\\", "/"),
  "drop parameters": (path) =>
    path
      .split("/")
      .map((segment) => segment.split(";")[0])
      .join("/"),
  "cut at a question mark or hash": (path) => path.split(/[?#]/)[0] || "/",
  "drop an authority": (path) => {
    try {
      return path.startsWith("//") || path.startsWith("/\\") ? new URL(path, "http://base").pathname : path;
    } catch {
      return path;
    }
  },
  "climb by name..": (path) => path.replace(/\/[^/]*[^./]\.\.(?=\/|$)/g, ""),
  "skip a segment before an empty one": (path) => path.replace(/(\/[^/]+\/)[^/]+\/(?=\/)/g, "$1-/"),
  fold: (path) => path.normalize("NFKD").replace(/\p{M}/gu, ""),
  "fold case": (path) => path.toLowerCase(),
  "merge slashes": (path) => path.replace(/\/{2,}/g, "/"),
  trim: (path) =>
    path
      .split("/")
      .map((segment) => segment.trim().replace(/(.)\.+$/, "$1"))
      .join("/"),
  "resolve dots": (path) => {
    const kept = [];
    for (const segment of path.split("/").slice(1)) {
      if (segment === "..") kept.pop();
      else if (segment !== ".") kept.push(segment);
    }
    return `/${kept.join("/")}`;
  },
};

/** A random source that repeats the same numbers for the same seed (mulberry32). */
export function chance(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { below: (limit) => Math.floor(next() * limit), pick: (list) => list[Math.floor(next() * list.length)] };
}

const PIECES = [
  "/",
  "/",
  "/",
  "//",
  "\\",
  "%2f",
  "%5c",
  "%252f",
  "%255c",
  "%u002f",
  "%u005c",
  "admin",
  "admin",
  "admin",
  "%61dmin",
  "%2561dmin",
  "%u0061dmin",
  "adm%69n",
  "ADMIN",
  "Admin",
  "\u00e1dmin",
  "\uff41dmin",
  "%ffadmin",
  "adm%ffin",
  "x",
  "x",
  "open",
  "files",
  "a.b",
  "files..",
  "x%2fx",
  "x%2e%2e",
  "admin..",
  "..",
  "%2e%2e",
  "%252e%252e",
  ".",
  "%2e",
  ";",
  ";v=1",
  "%3b",
  "%253b",
  "%3f",
  "%253f",
  "%23",
  "%20",
  " ",
  "%09",
  "%2520",
  "host",
  "%c3%a1dmin",
  "%e1dmin",
  "%cc%81",
  "%",
];

/** The path of a random URL, as a URL parser returns it. */
export function randomPath(random) {
  let text = random.pick(["/", "//", "/x/", "/admin/", "/x/admin/", "/admin/open/", "/open", "/files../"]);
  for (let pieces = 1 + random.below(7); pieces > 0; pieces -= 1) text += random.pick(PIECES);
  try {
    return new URL(`https://app.example${text}`).pathname;
  } catch {
    return "/";
  }
}

/** How one random origin reads a path: the steps it took, and every intermediate path. */
export function readBy(random, path) {
  const names = Object.keys(STEPS);
  const taken = [];
  let reading = path;
  for (let count = 1 + random.below(5); count > 0; count -= 1) {
    const name = random.pick(names);
    taken.push(name);
    reading = STEPS[name](reading);
  }
  return { taken, reading };
}

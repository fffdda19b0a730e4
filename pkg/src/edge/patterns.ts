// Path patterns: exact paths, and prefixes of whole segments.

/** A table that maps paths to targets. A lookup takes at most as many steps as the longest pattern has segments. */
export class Patterns<Target> {
  /** `/login` matches itself and `/login/`. */
  readonly #exact = new Map<string, Target>();
  /** `/api` of `/api/*` matches itself and everything below. */
  readonly #prefixes = new Map<string, Target>();
  /** The number of segments of the longest pattern. */
  #depth = 1;

  /** Adds a path. False if the path already has another target. */
  add(path: string, isPrefix: boolean, target: Target): boolean {
    const map = isPrefix ? this.#prefixes : this.#exact;
    this.#depth = Math.max(this.#depth, path.split("/").length);
    const present = map.get(path) ?? target;
    map.set(path, present);
    return present === target;
  }

  /** The exact target of a path, or that of its longest prefix. */
  find(path: string): Target | undefined {
    const withoutSlash = path.endsWith("/") ? path.slice(0, -1) : path;
    const exact = this.#exact.get(withoutSlash);
    if (exact !== undefined) return exact;
    // No prefix has more segments than the longest pattern, so a path with a thousand slashes is cut before the search.
    let end = 0;
    for (let i = 0; i < this.#depth && end !== -1; i += 1) end = path.indexOf("/", end + 1);
    let start = end === -1 ? path : path.slice(0, end);
    while (start !== "" && !this.#prefixes.has(start)) start = start.slice(0, Math.max(0, start.lastIndexOf("/")));
    return this.#prefixes.get(start);
  }
}

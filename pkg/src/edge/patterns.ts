// Route patterns by path: exact ones, and prefixes of whole segments.

import type { Route } from "./routes.js";

/** A table from paths to routes. A look-up costs as many steps as the longest pattern has segments. */
export class Patterns {
  /** `/login` matches itself and `/login/`. */
  readonly #exact = new Map<string, Route>();
  /** `/api` of `/api/*` matches itself and everything below. */
  readonly #prefixes = new Map<string, Route>();
  /** The number of segments of the longest pattern. */
  #depth = 1;

  /** Adds a path. False if the path leads to another route already. */
  add(path: string, isPrefix: boolean, route: Route): boolean {
    const map = isPrefix ? this.#prefixes : this.#exact;
    this.#depth = Math.max(this.#depth, path.split("/").length);
    const present = map.get(path) ?? route;
    map.set(path, present);
    return present === route;
  }

  /** The exact route of a path, or that of its longest prefix. */
  find(path: string): Route | undefined {
    const withoutSlash = path.endsWith("/") ? path.slice(0, -1) : path;
    const exact = this.#exact.get(withoutSlash);
    if (exact !== undefined) return exact;
    let end = 0;
    for (let i = 0; i < this.#depth && end !== -1; i += 1) end = path.indexOf("/", end + 1);
    let start = end === -1 ? path : path.slice(0, end);
    while (start !== "" && !this.#prefixes.has(start)) start = start.slice(0, Math.max(0, start.lastIndexOf("/")));
    return this.#prefixes.get(start);
  }
}

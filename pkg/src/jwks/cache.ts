// Key sets that outlive an isolate.

/**
 * Where key sets are kept between isolates and restarts. A KV namespace of Workers has this shape. Whoever writes to
 * the cache decides which keys are trusted: keep it as safe as the program itself. What it gives is parsed like an
 * answer of the issuer, and never fresh for longer than a day.
 */
export interface KeySetCache {
  get(name: string): Promise<string | null | undefined>;
  /** `expirationTtl` is in seconds. */
  put(name: string, text: string, options: { expirationTtl: number }): Promise<unknown>;
}

/** The part of the Cache API that is used. */
interface CacheLike {
  match(url: string): Promise<Response | undefined>;
  put(url: string, response: Response): Promise<void>;
}

/** Keeps sets in the Cache API: shared by all isolates of a data centre. */
export function cacheApi(cache: CacheLike): KeySetCache {
  // The name is never fetched: it only has to look like an address. `.invalid` never resolves (RFC 2606), so no real
  // answer can lie under it.
  const address = (name: string): string => `https://key-sets.invalid/?${encodeURIComponent(name)}`;
  return {
    async get(name) {
      return (await cache.match(address(name)))?.text();
    },
    // The Cache API keeps a response for as long as its own Cache-Control says.
    put(name, text, { expirationTtl }) {
      return cache.put(address(name), new Response(text, { headers: { "cache-control": `max-age=${expirationTtl}` } }));
    },
  };
}

/** The Cache API of a Worker, where there is one. Browsers and Deno have no `caches.default`. */
export function defaultCache(): KeySetCache | undefined {
  const cache = (globalThis as { caches?: { default?: CacheLike } }).caches?.default;
  return cache && cacheApi(cache);
}

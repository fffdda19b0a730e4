// When to check the clock and the cookies: every two seconds, and whenever the user returns to the page.

/** A long timer stands still while a device sleeps, so the clock is checked often. Milliseconds. */
const TICK = 2_000;

/** Calls `look` at each tick, and `wake` when the page becomes active again. The returned function stops both. */
export function watch(look: () => void, wake: () => void): () => void {
  const timer = setInterval(look, TICK);
  // In Node a pending timer would keep the process alive.
  (timer as unknown as { unref?: () => void }).unref?.();
  const wakers = globalThis.document ? ["visibilitychange", "pageshow", "online", "focus"] : [];
  for (const name of wakers) addEventListener(name, wake);
  return () => {
    clearInterval(timer);
    for (const name of wakers) removeEventListener(name, wake);
  };
}

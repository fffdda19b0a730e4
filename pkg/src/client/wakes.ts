// When to look at the clock and at the cookies: every two seconds, and whenever somebody comes back to the page.

/** A long timer stands still while a device sleeps, so the clock is looked at often. Milliseconds. */
const TICK = 2_000;

/** Calls `look` at each tick, and `wake` when the page comes back from somewhere. Stops with the function that it returns. */
export function watch(look: () => void, wake: () => void): () => void {
  const timer = setInterval(look, TICK);
  // In Node a timer that waits would keep the process alive.
  (timer as unknown as { unref?: () => void }).unref?.();
  const wakers = globalThis.document ? ["visibilitychange", "pageshow", "online", "focus"] : [];
  for (const name of wakers) addEventListener(name, wake);
  return () => {
    clearInterval(timer);
    for (const name of wakers) removeEventListener(name, wake);
  };
}

// Other tabs of the same origin: one of them refreshes, all of them hear.

/** A tab that is frozen may hold a lock for ever. Waiting longer buys nothing: the server's grace makes a race harmless. */
const LOCK_PATIENCE = 5_000;

/** Runs `work` while no other tab does, where the browser has locks and the lock can be had. */
export async function oneTabAtATime<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) return work();
  let began = false;
  try {
    return await locks.request(name, { signal: AbortSignal.any([signal, AbortSignal.timeout(LOCK_PATIENCE)]) }, () => {
      began = true;
      return work();
    });
  } catch (error) {
    // Locks are refused where storage is (opaque origins, private windows of some browsers).
    if (began || signal.aborted) throw error;
    return work();
  }
}

/** Tells the other tabs, and hears them. Messages say that something happened, never what: nothing secret travels. */
export function tabs(name: string, hear: (change: "changed" | "ended") => void): { tell: typeof hear; close(): void } {
  if (typeof BroadcastChannel === "undefined") return { tell: () => undefined, close: () => undefined };
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => {
    if (data === "changed" || data === "ended") hear(data);
  };
  // In Node a channel would keep the process alive.
  (channel as unknown as { unref?: () => void }).unref?.();
  return { tell: (change) => channel.postMessage(change), close: () => channel.close() };
}

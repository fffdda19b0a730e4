// Other tabs of the same origin: one of them refreshes, all of them hear.

/** A tab that is frozen may hold a lock for ever. Waiting longer buys nothing: the server's grace makes a race harmless. */
const LOCK_PATIENCE = 5_000;

/** Runs `work` while no other tab does, where the browser has locks and the lock can be had. */
export async function oneTabAtATime<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) return work();
  // Tells an error of `work` from one of the lock: work that began must not run twice.
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

/** Tells other tabs of a session that is over, or without its name that something has changed. */
export type Tell = (over: string | undefined) => void;

/** Tells the other tabs, and hears them. Messages hold nothing that cannot be read from the companion cookie. */
export function tabs(name: string, hear: Tell): { tell: Tell; close(): void } {
  let channel: BroadcastChannel;
  try {
    channel = new BroadcastChannel(name);
  } catch {
    // Missing in some hosts, and refused by Firefox where storage is blocked.
    return { tell: () => undefined, close: () => undefined };
  }
  channel.onmessage = ({ data }) => hear(typeof data === "string" ? data : undefined);
  // In Node a channel would keep the process alive.
  (channel as unknown as { unref?: () => void }).unref?.();
  return { tell: (over) => channel.postMessage(over), close: () => channel.close() };
}

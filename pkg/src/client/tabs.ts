// Other tabs of the same origin: one of them refreshes, and all of them are told.

/**
 * A frozen tab may hold a lock forever. Waiting longer gains nothing: the server's grace period makes a race harmless.
 */
const LOCK_PATIENCE = 5_000;

/** Runs `work` while no other tab does, if the browser has locks and grants one. */
export async function oneTabAtATime<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) return work();
  // Distinguishes an error of `work` from one of the lock: work that has started must not run twice.
  let began = false;
  try {
    return await locks.request(name, { signal: AbortSignal.any([signal, AbortSignal.timeout(LOCK_PATIENCE)]) }, () => {
      began = true;
      return work();
    });
  } catch (error) {
    // Locks are refused wherever storage is (opaque origins, private windows of some browsers).
    if (began || signal.aborted) throw error;
    return work();
  }
}

/** Tells other tabs which session is over, or without a name that something has changed. */
export type Tell = (over: string | undefined) => void;

/**
 * Sends messages to the other tabs and receives theirs. They contain nothing that the companion cookie does not show.
 */
export function tabs(name: string, hear: Tell): { tell: Tell; close(): void } {
  let channel: BroadcastChannel;
  try {
    channel = new BroadcastChannel(name);
  } catch {
    // Missing in some hosts, and refused by Firefox if storage is blocked.
    return { tell: () => undefined, close: () => undefined };
  }
  channel.onmessage = ({ data }) => hear(typeof data === "string" ? data : undefined);
  // In Node a channel would keep the process alive.
  (channel as unknown as { unref?: () => void }).unref?.();
  return { tell: (over) => channel.postMessage(over), close: () => channel.close() };
}

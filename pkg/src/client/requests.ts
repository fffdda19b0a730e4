// The arguments of `fetch`: whether they can be sent twice, and how to stop waiting when their signal aborts.

/** The first argument of `fetch`. A `Request` is recognised by its methods: it may come from another realm. */
export type RequestInput = string | URL | Request;

/** The input for a second try, or undefined: a stream can be read only once, so a request with one is sent once. */
export function repeatable(input: RequestInput, init: RequestInit | undefined): RequestInput | undefined {
  const isStream = (init?.body as Partial<ReadableStream> | null | undefined)?.getReader !== undefined;
  const request = input as Partial<Request>;
  return isStream || request.bodyUsed ? undefined : (request.clone?.() ?? input);
}

/** Waits for `work` unless the caller gives up first; the work continues for the other callers. */
export function unlessAborted(
  work: Promise<void> | undefined,
  signal: AbortSignal | null | undefined,
): Promise<void> | undefined {
  if (work === undefined || signal == null) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

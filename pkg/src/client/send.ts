// Sends an application's request: waits for the token that it needs, and retries once after a 401.

import type { Refresher } from "./refresher.js";
import { type RequestInput, repeatable, unlessAborted } from "./requests.js";
import type { SessionState } from "./session-state.js";
import type { SessionBackend } from "./types.js";

export async function sendFresh(
  backend: SessionBackend,
  state: SessionState,
  refreshes: Refresher,
  input: RequestInput,
  init: RequestInit | undefined,
): Promise<Response> {
  const signal = init?.signal ?? (input as Partial<Request>).signal;
  await unlessAborted(state.reading, signal);
  await unlessAborted(
    backend.needsFresh && state.isExpired(0) ? refreshes.askIfAllowed(true) : refreshes.flight,
    signal,
  );
  const used = state.view;
  // Copied before it is sent: a body that was read cannot be copied.
  const again = repeatable(input, init);
  const response = await backend.send(input, init);
  if (response.status !== 401 || used === null || again === undefined) return response;
  // A refresh helps only if the token is still the current one; with a newer token, retry at once.
  if (state.view === used) await unlessAborted(refreshes.askIfAllowed(true), signal);
  if (state.view === null || state.view === used) return response;
  // A response that nobody reads would hold its connection.
  await response.body?.cancel();
  return backend.send(again, init);
}

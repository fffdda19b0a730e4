// The routes that accept tokens of other systems, each with its judge.

import { type Judge, judgeOf } from "./judge.js";
import type { AnyEvent } from "./options.js";
import type { ProtectEvent } from "./protect-options.js";
import type { Route, Routes, TokensOf } from "./routes.js";

/** @throws an `ERR_JWT_OPTIONS` for invalid `tokensOf` options. */
export function judgesOf(
  routes: Routes,
  origin: string,
  emit: (event: AnyEvent) => void,
  now: (() => number) | undefined,
): ReadonlyMap<Route, Judge> {
  const on = (event: ProtectEvent): void => emit(asOfTheEdge(event));
  const judges = new Map<Route, Judge>();
  for (const route of Object.values(routes)) {
    if (route.tokensOf === undefined) continue;
    const list = [route.tokensOf].flat() as TokensOf[];
    const options = list.map((one) => ({
      ...one,
      on,
      ...(now !== undefined && { now }),
      // The address that clients know, whatever the request's own URL says.
      ...(one.dpop !== undefined && { dpop: { origin, ...one.dpop } }),
    }));
    judges.set(route, judgeOf(options));
  }
  return judges;
}

function asOfTheEdge(event: ProtectEvent): AnyEvent {
  if (event.type === "unavailable") return { type: "unavailable", during: "issuer", cause: event.error };
  const { reason, claims, error: cause } = event;
  return {
    type: "token_refused",
    reason,
    ...(cause !== undefined && { cause }),
    ...(claims !== undefined && { claims }),
  };
}

// The options of `edgeAuth`, checked at once: a mistake in them must not wait for the first request.

import { unknownOption } from "../core/unknown-option.js";
import { isApiEdge } from "./context.js";
import type { AnyEvent, ApiEdgeOptions, EdgeAuthOptions } from "./options.js";

/** The names of the options, kept complete by the compiler. */
const KNOWN: Readonly<Record<keyof EdgeAuthOptions, true>> = {
  store: true,
  keys: true,
  authenticate: true,
  claims: true,
  routes: true,
  cookies: true,
  sameSite: true,
  seal: true,
  companion: true,
  policy: true,
  origin: true,
  issuer: true,
  audience: true,
  clientId: true,
  signIn: true,
  paths: true,
  introspection: true,
  requireHeader: true,
  rateLimit: true,
  identityHeaders: true,
  on: true,
  now: true,
};

/** The events that `on` may have handlers for, kept complete by the compiler. */
const EVENTS: Readonly<Record<AnyEvent["type"], true>> = {
  all_revoked: true,
  binding_mismatch: true,
  claims_dropped: true,
  claims_failed: true,
  clock_regression: true,
  cookie_too_large: true,
  debounced: true,
  dpop_refused: true,
  evicted: true,
  expired: true,
  grace: true,
  hand_outs_used: true,
  issued: true,
  record_unreadable: true,
  recovered: true,
  regression: true,
  retired_kid: true,
  reuse: true,
  revoked: true,
  rotated: true,
  scope_exceeded: true,
  sign_in_rejected: true,
  store_failed: true,
  superseded: true,
  token_refused: true,
  unavailable: true,
  unknown_kid: true,
};

/** @throws TypeError for options that could not be meant. */
export function checkEdgeOptions<Env>(options: EdgeAuthOptions<Env> | ApiEdgeOptions<Env>): void {
  const unknown = unknownOption(options, Object.keys(KNOWN));
  if (unknown !== undefined) throw new TypeError(`edgeAuth ${unknown}`);
  if (isApiEdge(options)) checkApiOptions(options);
  else checkFunctions(options);
  const { on, origin, signIn, sameSite, requireHeader } = options as EdgeAuthOptions<Env>;
  const unheard = unknownOption(on ?? {}, Object.keys(EVENTS));
  if (unheard !== undefined) throw new TypeError(`edgeAuth: on ${unheard}`);
  const isOrigin = (text: string) => /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
  const origins = originsOf(origin);
  if (!origins.every(isOrigin) || (origin !== undefined && origins.length === 0)) {
    throw new TypeError('edgeAuth: origin must be an origin such as "https://app.example", or a list of them');
  }
  if (signIn !== undefined && !/^\/(?![/\\])/.test(signIn))
    throw new TypeError('edgeAuth: signIn must be a path on this origin, such as "/sign-in"');
  if (requireHeader !== undefined && !/^x-[a-z0-9-]+$/i.test(requireHeader)) {
    throw new TypeError('edgeAuth: requireHeader must be the name of a header, such as "x-csrf"');
  }
  if (sameSite !== undefined && sameSite !== "lax" && sameSite !== "strict") {
    throw new TypeError('edgeAuth: sameSite must be "lax" or "strict"');
  }
}

const API_OPTIONS: ReadonlySet<string> = new Set(["routes", "origin", "rateLimit", "identityHeaders", "on", "now"]);

/** Without a store no other option can be missing by mistake, and options that would have no effect are refused. */
function checkApiOptions<Env>(options: ApiEdgeOptions<Env>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !API_OPTIONS.has(name))
      throw new TypeError(`edgeAuth: ${name} has no effect without sessions, which need store, keys and authenticate`);
  }
}

function checkFunctions<Env>(options: EdgeAuthOptions<Env>): void {
  for (const name of ["store", "keys", "authenticate"] as const) {
    if (typeof options[name] !== "function") throw new TypeError(`edgeAuth: ${name} must be a function`);
  }
}

/** The option `origin` as a list. */
export function originsOf(origin: string | readonly string[] | undefined): readonly string[] {
  return typeof origin === "string" ? [origin] : [...(origin ?? [])];
}

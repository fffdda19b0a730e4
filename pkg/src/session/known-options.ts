// Options by name: a misspelt option must not quietly do nothing.

import { SessionError } from "./errors.js";

/** The names of the options of each function. */
const NAMES = {
  createSessions: [
    "issuer",
    "audience",
    "clientId",
    "keys",
    "store",
    "accessTtl",
    "refreshIdle",
    "absolute",
    "grace",
    "recovery",
    "handOuts",
    "jitter",
    "profile",
    "maxSessions",
    "dpop",
    "claims",
    "on",
    "now",
  ],
  keys: ["access", "refresh", "retired"],
  dpop: ["maxAge", "nonces", "required"],
  refresh: ["transport", "scope", "dpop"],
  verify: ["scope", "checkSession", "dpop"],
} as const;

/** @throws SessionError that names the first option that `where` does not know. */
export function requireKnownOptions(where: keyof typeof NAMES, options: unknown): void {
  if (typeof options !== "object" || options === null) return;
  const known: readonly string[] = NAMES[where];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const isRequest = where === "refresh" || where === "verify";
  const meant = known.find((name) => name.toLowerCase() === unknown.toLowerCase());
  const hint = meant === undefined ? `it knows ${known.join(", ")}` : `"${meant}" is meant`;
  const message = `${where} has no option "${unknown}": ${hint}`;
  throw new SessionError(isRequest ? "ERR_SESSION_REQUEST" : "ERR_SESSION_OPTIONS", message);
}

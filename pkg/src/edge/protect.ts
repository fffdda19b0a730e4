/**
 * The guard of an API that only verifies: access tokens that somebody else issued, as `Authorization: Bearer` (RFC
 * 6750), and neither cookies nor a store. What it answers is of the same make as what the edge answers.
 */

import { tandemError } from "../core/errors.js";
import type { AsyncVerifyKey } from "../jwt/api.js";
import { verifyAsync } from "../jwt/index.js";
import type { Algorithm, JwtPayload, VerifyOptions } from "../jwt/types.js";
import { errorResponse } from "./responses.js";

/** A key set that knows whose it is: `remoteKeys(url, { issuer })`, `remoteKeys.ofIssuer(issuer)` and their like. */
export type IssuerKeys = Extract<AsyncVerifyKey, (...header: never[]) => unknown> & {
  readonly issuer: string | undefined;
};

/** What `trustIssuers` makes: for each token its keys, and what to compare. */
export type ChosenIssuer = (token: string) => {
  readonly key: AsyncVerifyKey;
  readonly options: Pick<VerifyOptions, "issuer" | "algorithms" | "audience">;
};

/** Something that the operator of the API should hear of. Holds no token. */
export type ProtectEvent =
  /** `reason` is the code of the error; `claims` are those of a token that verified and was refused all the same. */
  | { readonly type: "refused"; readonly reason: string; readonly error?: unknown; readonly claims?: JwtPayload }
  /** The issuer's keys cannot be had: 503, for the token may be good. */
  | { readonly type: "unavailable"; readonly error: unknown };

/** What tokens an API takes. */
export interface ProtectOptions {
  /** Whose tokens: a key set that knows its issuer, or for several what `trustIssuers` made of them. */
  issuer: IssuerKeys | ChosenIssuer;
  /** With which algorithms that issuer signs. Left out with `trustIssuers`, whose list says it. */
  algorithms?: readonly Algorithm[];
  /**
   * Who the tokens must be for: this API. `null` for an issuer whose tokens do not say, such as Cognito: then `accept`
   * has to tell tokens for others apart. Left out with `trustIssuers`.
   */
  audience?: string | readonly string[] | null;
  /** What every request needs, names separated by blanks. `guard(request, { scope })` asks for more. */
  scope?: string;
  /** The `typ` of the header, such as `"at+jwt"` (RFC 9068), which keeps ID tokens out. */
  requiredTyp?: string;
  /** Claims that must be there, beside `exp`. */
  requiredClaims?: readonly string[];
  /** By how many seconds the clocks may differ: none by default. */
  clockTolerance?: number;
  /** A last look at the claims of a token that verified. What is not true is 401. */
  accept?: (claims: JwtPayload) => boolean | Promise<boolean>;
  /** Called for each event. What it throws is passed over. */
  on?: (event: ProtectEvent) => void;
  /** Whole seconds since 1970, for tests. */
  now?: () => number;
}

/** `response` is there when the request is refused; else the token is good, and these are its claims. */
export type Guarded =
  | { readonly response: Response; readonly claims?: undefined; readonly token?: undefined }
  | { readonly response?: undefined; readonly claims: JwtPayload; readonly token: string };

/** Judges a request. It reads one header, and leaves the body alone. */
export type Guard = (request: Pick<Request, "headers">, needs?: { readonly scope?: string }) => Promise<Guarded>;

/**
 * Makes the guard of an API.
 *
 * ```js
 * const guard = protect({ issuer: remoteKeys.ofIssuer("https://id.example/"), algorithms: ["RS256"], audience: "api" });
 * const { response, claims } = await guard(request, { scope: "read" });
 * ```
 *
 * Throws an `ERR_JWT_OPTIONS` at once for options that could not be meant.
 */
export function protect(options: ProtectOptions): Guard {
  const choose = chooser(options);
  const { accept, clockTolerance = 0, now, on, requiredClaims = [], requiredTyp, scope = "" } = options;
  const expected: VerifyOptions = {
    clockTolerance,
    // A token without an end would be good for ever.
    requiredClaims: ["exp", ...requiredClaims],
    ...(requiredTyp !== undefined && { requiredTyp }),
  };
  const tell = (event: ProtectEvent): void => {
    try {
      on?.(event);
    } catch {
      // An alert that fails to go out must not decide about tokens.
    }
  };
  const refuse = (reason: string, claims: JwtPayload): Guarded => {
    tell({ type: "refused", reason, claims });
    return refused("invalid_token");
  };

  return async (request, needs) => {
    const token = bearerToken(request.headers.get("authorization"));
    if (token === null) return nobody();
    if (token === undefined) return refused("invalid_request");
    let claims: JwtPayload | string;
    try {
      const { key, options: chosen } = choose(token);
      const time = now === undefined ? {} : { clockTimestamp: now() };
      claims = (await verifyAsync(token, key, { ...expected, ...chosen, ...time })) as JwtPayload | string;
    } catch (error) {
      return failed(error, tell);
    }
    if (typeof claims === "string") return refuse("ERR_JWT_PAYLOAD", {});
    // Bound to a key (RFC 7800): sent as a bearer token it is a copy.
    if (claims.cnf !== undefined) return refuse("ERR_JWT_BOUND", claims);
    if (accept !== undefined && (await accept(claims)) !== true) return refuse("ERR_JWT_CLAIM", claims);
    const wanted = `${scope} ${needs?.scope ?? ""}`.split(" ").filter((name) => name !== "");
    const granted = scopesOf(claims);
    if (!wanted.every((name) => granted.has(name))) {
      tell({ type: "refused", reason: "ERR_SCOPE", claims });
      return { response: errorResponse("insufficient_scope", { scope: wanted.join(" ") }) };
    }
    return { claims, token };
  };
}

/** Whose keys, and what to compare: of one issuer always the same. */
function chooser({ issuer, algorithms, audience }: ProtectOptions): ChosenIssuer {
  if (typeof issuer !== "function") throw wrong("issuer must be a key set, or what trustIssuers made");
  if (!isKeySet(issuer)) {
    if (algorithms !== undefined || audience !== undefined)
      throw wrong("algorithms and audience stand in the list of trustIssuers");
    return (token) => {
      const chosen = issuer(token) as Partial<ReturnType<ChosenIssuer>> | undefined;
      if (!chosen?.key || !chosen.options?.issuer || !chosen.options.algorithms)
        throw wrong("issuer must be a key set that says whose it is, or what trustIssuers made");
      return { key: chosen.key, options: chosen.options };
    };
  }
  if (typeof issuer.issuer !== "string" || issuer.issuer === "")
    throw wrong("the key set must say whose it is: remoteKeys(url, { issuer })");
  if (!Array.isArray(algorithms) || algorithms.length === 0 || algorithms.includes("none"))
    throw wrong("algorithms must be a list, without none");
  const audiences = typeof audience === "string" ? [audience] : audience;
  const areNamed = Array.isArray(audiences) && audiences.every((name) => typeof name === "string" && name !== "");
  if (audiences !== null && !(areNamed && audiences.length > 0))
    throw wrong("audience must be text or a list of texts, or null where tokens have none");
  const chosen = {
    key: issuer,
    options: {
      issuer: issuer.issuer,
      algorithms: [...algorithms],
      ...(audiences !== null && { audience: [...audiences] as [string, ...string[]] }),
    },
  };
  return () => chosen;
}

function isKeySet(issuer: IssuerKeys | ChosenIssuer): issuer is IssuerKeys {
  return "issuer" in issuer;
}

/** A mistake of the program is thrown: it is no answer to give to a client. */
function failed(error: unknown, tell: (event: ProtectEvent) => void): Guarded {
  const { code } = Object(error) as { code?: unknown };
  // Whoever finds keys has failed, and not the token.
  if (code === "ERR_KEYS_UNAVAILABLE" || code === "ERR_KEY_CALLBACK") {
    tell({ type: "unavailable", error });
    return refused("temporarily_unavailable");
  }
  if (typeof code !== "string" || !/^ERR_(JWT|KEY)_/.test(code) || code === "ERR_JWT_OPTIONS") throw error;
  tell({ type: "refused", reason: code, error });
  return refused("invalid_token");
}

function refused(code: "invalid_token" | "invalid_request" | "temporarily_unavailable"): Guarded {
  return { response: errorResponse(code, { description: DESCRIPTIONS[code] }) };
}

/** A request without a token is told which scheme to use, and of no error (RFC 6750 §3.1). */
function nobody(): Guarded {
  const response = errorResponse("invalid_token", { description: "An access token is needed." });
  response.headers.set("www-authenticate", "Bearer");
  return { response };
}

const DESCRIPTIONS = {
  invalid_token: "The access token is not good here.",
  invalid_request: "One access token is needed, as Authorization: Bearer.",
  temporarily_unavailable: "Try again shortly.",
};

/** Null for a request without one, undefined for what is none: two of them, or another scheme. */
function bearerToken(header: string | null): string | null | undefined {
  if (header === null || header.trim() === "") return null;
  // RFC 6750 §2.1. Several headers arrive as one, with a comma between them.
  return /^Bearer +([\w.~+/-]+=*) *$/i.exec(header)?.[1];
}

/** `scope` as text (RFC 8693 §4.2), and `scp`, as Entra writes text and Okta a list. */
function scopesOf({ scope, scp }: JwtPayload): ReadonlySet<string> {
  const names = [scope, scp].flatMap((value: unknown) => (typeof value === "string" ? value.split(" ") : value));
  return new Set(names.filter((name): name is string => typeof name === "string" && name !== ""));
}

function wrong(message: string): Error {
  return tandemError("ERR_JWT_OPTIONS", `protect: ${message}`);
}

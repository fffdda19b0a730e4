/** Reports what the edge did with a request, in a header of its answer. The page tells and draws nothing else. */

import type { D1, SessionsNamespace } from "tandem-jwt/cloudflare";
import type { AnyEvent, EdgeAuth, EventHandlers } from "tandem-jwt/edge";
import { cookiesOf, inside, names } from "./jar.js";
import { type Heard, REPORT, type Report } from "./report.js";

/** The bindings and settings of the Worker: see wrangler.jsonc, and flags.mjs for the spans. */
export interface DemoEnv {
  SESSIONS: SessionsNamespace;
  /** Replaces `SESSIONS` if sessions are kept in a database. */
  DB?: D1;
  /** The origin's Worker, reached by a service binding: it has no public address. */
  ORIGIN: Fetcher;
  /** Secrets, the current one first, separated by commas. */
  ACCESS_KEYS: string;
  REFRESH_KEYS: string;
  /** The mode of the edge's cookies. */
  COOKIES: "host" | "dev";
  /** Spans such as "15m", which become the edge's policy. */
  ACCESS_TTL: string;
  REFRESH_IDLE: string;
  GRACE: string;
  RECOVERY: string;
  /** The events of this one request so far. */
  HEARD?: Heard[];
}

/** The events that the page has words for. `satisfies` limits them to the names that the edge emits. */
const TOLD = [
  "issued",
  "rotated",
  "grace",
  "debounced",
  "hand_outs_used",
  "recovered",
  "reuse",
  "revoked",
  "regression",
  "expired",
  "superseded",
  "binding_mismatch",
  "store_failed",
] as const satisfies readonly AnyEvent["type"][];

/** Handlers that record each event with its request. */
export const hearing: EventHandlers<DemoEnv> = Object.fromEntries(
  TOLD.map((type) => [
    type,
    (event: AnyEvent, { HEARD }: DemoEnv) =>
      // `evidence` says whether a reuse proves a copy or may be a lost answer. No other detail leaves the Worker.
      HEARD?.push("evidence" in event ? { type, evidence: event.evidence } : { type }),
  ]),
);

/** Asks the edge, and puts the outcome into a header. */
export async function reported(edge: EdgeAuth<DemoEnv>, request: Request, env: DemoEnv): Promise<Response> {
  const heard: Heard[] = [];
  // Before the edge reads the body, which can be read only once.
  const presented = await presentedBy(request, env);
  // A separate environment for each request, so that the edge's events can be attributed to it.
  const response = await edge.fetch(request, { ...env, HEARD: heard });
  const { body, ...tokens } = await tokensIn(request, response, env);
  // Read without verifying: the edge has just made this token.
  const access = inside(tokens.access)?.payload;
  const report: Report = {
    at: Date.now() / 1000,
    status: response.status,
    presented: generationOf(presented),
    heard,
    generation: generationOf(tokens.refresh),
    access: access === undefined ? null : { iat: Number(access.iat), exp: Number(access.exp) },
  };
  // The headers of a response from elsewhere are immutable.
  const copy = new Response(body, response);
  copy.headers.set(REPORT, JSON.stringify(report));
  return copy;
}

/** The refresh token of a request: from its cookie, or from the form of a client that holds its tokens. */
async function presentedBy(request: Request, env: DemoEnv): Promise<string | undefined> {
  if (new URL(request.url).pathname !== "/auth/token") return cookiesOf(request, env.COOKIES).refresh;
  // A missing length counts as too long: the copy must not allow clients to fill the memory.
  if (Number(request.headers.get("content-length") ?? Infinity) > MAX_FORM) return undefined;
  return new URLSearchParams(await request.clone().text()).get("refresh_token") ?? undefined;
}

/** The tokens of an answer, set as cookies or returned as JSON; and its body, which can be read only once. */
async function tokensIn(request: Request, response: Response, env: DemoEnv): Promise<Tokens> {
  const { access, refresh } = names(env.COOKIES);
  const lines = response.headers.getSetCookie();
  // `split` cuts at every "=", which neither our names nor our tokens contain.
  const set = new Map(lines.map((line) => line.slice(0, line.indexOf(";")).split("=", 2) as [string, string]));
  const isGrant = ["/auth/login", "/auth/token"].includes(new URL(request.url).pathname);
  // Cookies, or an answer without tokens: its body is passed on as a stream.
  if (!response.ok || !isGrant || lines.length > 0)
    return { body: response.body, access: set.get(access), refresh: set.get(refresh) };
  // A bearer grant is short JSON, so reading it whole costs little.
  const body = await response.text();
  const given = JSON.parse(body) as Record<string, string | undefined>;
  return { body, access: given.access_token, refresh: given.refresh_token };
}

interface Tokens {
  readonly body: Response["body"] | string;
  readonly access: string | undefined;
  readonly refresh: string | undefined;
}

function generationOf(token: string | undefined): number | null {
  const generation = inside(token)?.payload.gen;
  return typeof generation === "number" ? generation : null;
}

// The endpoint itself accepts no longer body.
const MAX_FORM = 16 * 1024;

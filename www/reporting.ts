/** What the edge did with a request, as a header of its answer: the page says and draws nothing else. */

import type { D1, SessionsNamespace } from "tandem-jwt/cloudflare";
import type { AnyEvent, EdgeAuth, EventHandlers } from "tandem-jwt/edge";
import { cookiesOf, inside, names } from "./jar.js";
import { type Heard, REPORT, type Report } from "./report.js";

export interface DemoEnv {
  SESSIONS: SessionsNamespace;
  /** In the place of SESSIONS. */
  DB?: D1;
  ORIGIN: Fetcher;
  ACCESS_KEYS: string;
  REFRESH_KEYS: string;
  COOKIES: "host" | "dev";
  ACCESS_TTL: string;
  REFRESH_IDLE: string;
  GRACE: string;
  RECOVERY: string;
  /** Of one request: what the edge has said of it so far. */
  HEARD?: Heard[];
}

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

/** Handlers that write down what they hear with the request that it is about. */
export const hearing: EventHandlers<DemoEnv> = Object.fromEntries(
  TOLD.map((type) => [
    type,
    (event: AnyEvent, { HEARD }: DemoEnv) =>
      HEARD?.push("evidence" in event ? { type, evidence: event.evidence } : { type }),
  ]),
);

/** Asks the edge, and puts what came of it into a header. */
export async function reported(edge: EdgeAuth<DemoEnv>, request: Request, env: DemoEnv): Promise<Response> {
  const heard: Heard[] = [];
  const presented = await presentedBy(request, env);
  // An environment for each request: that is how the edge's words are known to be about this one and no other.
  const response = await edge.fetch(request, { ...env, HEARD: heard });
  const { body, ...tokens } = await tokensIn(request, response, env);
  const access = inside(tokens.access)?.payload;
  const report: Report = {
    at: Date.now() / 1000,
    status: response.status,
    presented: generationOf(presented),
    heard,
    generation: generationOf(tokens.refresh),
    access: access === undefined ? null : { iat: Number(access.iat), exp: Number(access.exp) },
  };
  const copy = new Response(body, response);
  copy.headers.set(REPORT, JSON.stringify(report));
  return copy;
}

/** The refresh token of a request: in its cookie, or in the form of a client that holds its tokens. */
async function presentedBy(request: Request, env: DemoEnv): Promise<string | undefined> {
  if (new URL(request.url).pathname !== "/auth/token") return cookiesOf(request, env.COOKIES).refresh;
  if (Number(request.headers.get("content-length") ?? Infinity) > MAX_FORM) return undefined;
  return new URLSearchParams(await request.clone().text()).get("refresh_token") ?? undefined;
}

/** The tokens of an answer, set as cookies or given in JSON; and its body, which can be read once. */
async function tokensIn(request: Request, response: Response, env: DemoEnv): Promise<Tokens> {
  const { access, refresh } = names(env.COOKIES);
  const lines = response.headers.getSetCookie();
  const set = new Map(lines.map((line) => line.slice(0, line.indexOf(";")).split("=", 2) as [string, string]));
  const isGrant = ["/auth/login", "/auth/token"].includes(new URL(request.url).pathname);
  if (!response.ok || !isGrant || lines.length > 0)
    return { body: response.body, access: set.get(access), refresh: set.get(refresh) };
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

const MAX_FORM = 16 * 1024;

/**
 * What the demo's Worker reports of each request, in the header `demo-report`: all that the page tells and draws
 * follows from these. No application should say so much, since it tells a thief why he was refused.
 */
export interface Report {
  /** The Worker's clock at the answer, in seconds, with its fraction: the page's clocks would jump. */
  readonly at: number;
  /** The status of the answer that the edge gave, the thief's as well as the visitor's. */
  readonly status: number;
  /** The generation of the refresh token that came along. */
  readonly presented: number | null;
  /** The events that the edge emitted meanwhile. */
  readonly heard: readonly Heard[];
  /** The generation of the refresh token in the answer. */
  readonly generation: number | null;
  /** The access token in the answer. */
  readonly access: { readonly iat: number; readonly exp: number } | null;
}

/** An event of the edge, by its type; `evidence` is there with `reuse`. */
export interface Heard {
  readonly type: string;
  readonly evidence?: string;
}

/** The header of a response. */
export const REPORT = "demo-report";
/** The header of a request: which of the paces its session keeps. */
export const PACE = "demo-pace";

/** The rules of a session, as spans such as "15s". */
export interface Policy {
  readonly access: string;
  readonly idle: string;
  readonly grace: string;
  readonly recovery: string;
}

/** Beside `started`, which is what the demo was started with. */
export const PACES = {
  minutes: { access: "3m", idle: "1h", grace: "20s", recovery: "1h" },
  real: { access: "15m", idle: "14d", grace: "30s", recovery: "14d" },
  /** Keeps the scene, which plays by itself, within half a minute. */
  scene: { access: "6s", idle: "1h", grace: "1s", recovery: "8s" },
} as const satisfies Record<string, Policy>;

/** The pace that a session keeps. It stands among its claims, so that each of its tabs learns of it. */
export type Pace = "started" | keyof typeof PACES;

/** A span in seconds. */
export function seconds(span: string): number {
  // Only the units that the flags and paces use. Any other makes NaN, which shows at once on the page.
  const unit = { s: 1, m: 60, h: 3_600, d: 86_400 }[span.slice(-1)] ?? Number.NaN;
  return Number(span.slice(0, -1)) * unit;
}

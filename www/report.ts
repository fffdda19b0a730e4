/**
 * What the demo's Worker reports about each request, in the header `demo-report`: everything that the page tells and
 * draws comes from these reports. No real application should reveal this much, because it tells a thief why a request
 * was refused.
 */
export interface Report {
  /**
   * The Worker's clock at the answer, in seconds with a fraction, because rounding would make the page's clocks jump.
   */
  readonly at: number;
  /** The status of the edge's answer, to the thief as well as to the visitor. */
  readonly status: number;
  /** The generation of the refresh token in the request. */
  readonly presented: number | null;
  /** The events that the edge emitted during the request. */
  readonly heard: readonly Heard[];
  /** The generation of the refresh token in the answer. */
  readonly generation: number | null;
  /** The access token in the answer. */
  readonly access: { readonly iat: number; readonly exp: number } | null;
}

/** An edge event, by its type; `evidence` is present for `reuse`. */
export interface Heard {
  readonly type: string;
  readonly evidence?: string;
}

/** The header of a response. */
export const REPORT = "demo-report";
/** The header of a request that names the pace of its session. */
export const PACE = "demo-pace";

/** The policy of a session, as spans such as "15s". */
export interface Policy {
  readonly access: string;
  readonly idle: string;
  readonly grace: string;
  readonly recovery: string;
}

/** In addition to `started`, the pace that the demo was started with. */
export const PACES = {
  minutes: { access: "3m", idle: "1h", grace: "20s", recovery: "1h" },
  real: { access: "15m", idle: "14d", grace: "30s", recovery: "14d" },
  /** Keeps the scene, which plays by itself, under half a minute. */
  scene: { access: "6s", idle: "1h", grace: "1s", recovery: "8s" },
} as const satisfies Record<string, Policy>;

/** The pace of a session. It is one of the session's claims, so that every tab learns it. */
export type Pace = "started" | keyof typeof PACES;

/** A span in seconds. */
export function seconds(span: string): number {
  // Only the units that flags and paces use. Any other gives NaN, which is obvious on the page.
  const unit = { s: 1, m: 60, h: 3_600, d: 86_400 }[span.slice(-1)] ?? Number.NaN;
  return Number(span.slice(0, -1)) * unit;
}

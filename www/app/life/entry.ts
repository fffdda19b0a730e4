/** One event in the life of a session. The picture, the words and a recording are made only from these. */
import type { Heard, Report } from "../../report.js";

/** Who did something, and so the lane that shows it. The scene has two tabs; a visitor has this tab and others. */
export type Who = "tab-a" | "tab-b" | "this-tab" | "other-tab" | "thief";

/** A recording is a list of these in JSON, so every member is plain data. */
export interface Entry {
  /** By the Worker's clock, in seconds. */
  readonly at: number;
  readonly who: Who;
  readonly what: "sign-in" | "refresh" | "call" | "sign-out" | "steal" | "sleep" | "wake" | "found" | "ran-out";
  /** The Worker's report on the request. */
  readonly report?: Report;
  /** The answer was discarded before the tab saw it. */
  readonly lost?: boolean;
  /** The refresh token that was stolen or found. */
  readonly generation?: number;
  /** The access token that was found. */
  readonly access?: Report["access"];
}

/** The edge events that tell the outcome of a request. */
export type Outcome =
  | "issued"
  | "rotated"
  | "grace"
  | "debounced"
  | "hand_outs_used"
  | "recovered"
  | "reuse"
  | "revoked"
  | "regression"
  | "expired"
  | "superseded"
  | "store_failed";

/** Rarer outcomes first: one request can cause two, such as a session that begins while another is ended. */
const BY_WEIGHT: readonly Outcome[] = [
  "issued",
  "reuse",
  "regression",
  "expired",
  "superseded",
  "store_failed",
  "recovered",
  "rotated",
  "grace",
  "debounced",
  "hand_outs_used",
  "revoked",
];

/** The outcome of a request by the Worker's report; null if it reported none, as for a call with a valid token. */
export function outcomeOf(report: Report | undefined): Outcome | null {
  return BY_WEIGHT.find((outcome) => report?.heard.some(({ type }) => type === outcome)) ?? null;
}

/** The event itself, with its evidence. */
export function heardOf(report: Report | undefined, outcome: Outcome): Heard | undefined {
  return report?.heard.find(({ type }) => type === outcome);
}

/** Whether this session can no longer be used by anyone. */
export function isOver({ what, report }: Entry): boolean {
  // A sign-out that failed leaves the session alive.
  if (what === "sign-out") return report?.status === 204;
  if (what === "ran-out") return true;
  const outcome = outcomeOf(report);
  return outcome !== null && ["reuse", "revoked", "expired", "regression"].includes(outcome);
}

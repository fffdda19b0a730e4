/** One thing that happened in the life of a session. The picture, the words and a recording are made of these alone. */
import type { Heard, Report } from "../../report.js";

/**
 * The one who did something, and so the lane that shows it. The scene has two tabs; a visitor has this one and others.
 */
export type Who = "tab-a" | "tab-b" | "this-tab" | "other-tab" | "thief";

/** A recording is a list of these in JSON, so every member is plain data. */
export interface Entry {
  /** By the Worker's clock, in seconds. */
  readonly at: number;
  readonly who: Who;
  readonly what: "sign-in" | "refresh" | "call" | "sign-out" | "steal" | "sleep" | "wake" | "found" | "ran-out";
  /** The Worker's report, for whatever it was asked. */
  readonly report?: Report;
  /** The answer was thrown away before the tab saw it. */
  readonly lost?: boolean;
  /** The refresh token that was stolen or found. */
  readonly generation?: number;
  /** The access token that was found. */
  readonly access?: Report["access"];
}

/** The events of the edge that say what became of a request. */
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

/** The rarer first: one request can be the reason for two, such as a session that begins while another is ended. */
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

/** The Worker's word for what became of a request; null where it had none, as for a call with a good token. */
export function outcomeOf(report: Report | undefined): Outcome | null {
  return BY_WEIGHT.find((outcome) => report?.heard.some(({ type }) => type === outcome)) ?? null;
}

/** The event itself, with its evidence. */
export function heardOf(report: Report | undefined, outcome: Outcome): Heard | undefined {
  return report?.heard.find(({ type }) => type === outcome);
}

/** Whether nobody gets any further with this session. */
export function isOver({ what, report }: Entry): boolean {
  // A sign-out that failed leaves the session alive.
  if (what === "sign-out") return report?.status === 204;
  if (what === "ran-out") return true;
  const outcome = outcomeOf(report);
  return outcome !== null && ["reuse", "revoked", "expired", "regression"].includes(outcome);
}

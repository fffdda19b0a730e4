/** The words. Each sentence follows the Worker's report, and claims nothing that was only intended. */
import type { Report } from "../../report.js";
import { type Entry, heardOf, outcomeOf, type Who } from "./entry.js";

/** `tone` is the colour of the dot: the kind of event, or a warning. */
export interface Sentence {
  readonly text: string;
  readonly tone: "access" | "refresh" | "call" | "thief" | "quiet";
}

const NAMES: Record<Who, string> = {
  "tab-a": "Tab A",
  "tab-b": "Tab B",
  "this-tab": "This tab",
  "other-tab": "Other tab",
  thief: "Thief",
};

/** The name of a lane. */
export function nameOf(who: Who): string {
  return NAMES[who];
}

/** The name at the beginning of a sentence. */
function subject(who: Who): string {
  return who === "thief" || who === "other-tab" ? `The ${NAMES[who].toLowerCase()}` : NAMES[who];
}

/** The sentence for an entry. Generations are numbered, so that a reader can follow a token through the list. */
export function narrate(entry: Entry): Sentence {
  const { what, report, generation } = entry;
  // The page itself tells the first cases; the others follow the Worker's report.
  switch (what) {
    case "sleep":
      return { text: "The laptop falls asleep before the answer comes.", tone: "quiet" };
    case "wake":
      return { text: "The laptop wakes up.", tone: "quiet" };
    case "steal":
      return { text: `The thief copies refresh token ${generation} and waits.`, tone: "thief" };
    case "ran-out":
      return {
        text: "Nobody refreshed, so the browser has dropped the refresh token: the session is over.",
        tone: "quiet",
      };
    case "found":
      return { text: `This browser already has a session, with refresh token ${generation}.`, tone: "refresh" };
    case "sign-out":
      return report?.status === 204
        ? { text: "Signed out: the session is revoked, and the cookies are gone.", tone: "refresh" }
        : failed("The sign-out", report);
    case "call":
      return called(entry);
    case "sign-in":
    case "refresh":
      return asked(entry);
  }
}

/** A request made to get a token. */
function asked(entry: Entry): Sentence {
  const { who, report, lost = false } = entry;
  const name = subject(who);
  const isThief = who === "thief";
  // `given` was in the answer, `came` was presented with the request.
  const given = report?.generation;
  const came = report?.presented;
  const tone = isThief ? "thief" : "refresh";
  switch (outcomeOf(report)) {
    case "issued":
      return { text: `${name} signs in, and holds refresh token ${given}.`, tone };
    case "rotated":
      // The tab never saw the answer. The sentence says so, because the Worker's report alone reads like a success.
      return lost
        ? { text: `${name} uses refresh token ${came}. Token ${given} takes its place, but the answer is lost.`, tone }
        : { text: `${name} uses refresh token ${came}, once and for all. Token ${given} takes its place.`, tone };
    // The same generation in the answer is the point: one parent has one successor.
    case "grace":
      return {
        text: `${name} brings token ${came} again, within the grace: the same token ${given} once more. Nobody is signed out.`,
        tone,
      };
    case "debounced":
      return {
        text: `${name} brings token ${came}, which was only just handed out: a new access token, and token ${came} stays.`,
        tone: isThief ? "thief" : "access",
      };
    case "hand_outs_used":
      // The limit of hand-outs is reached: the session continues, but no refresh token is returned again.
      return {
        text: `${name} brings token ${came} once too often: a new access token, and no refresh token.`,
        tone: "access",
      };
    case "recovered":
      // The Worker treats owner and thief alike, so only the page, which plays the thief, can say who it was.
      return isThief
        ? {
            text: `The thief brings token ${came} after the grace and is let in with token ${given}. What the owner holds is burned now: its next use gives the thief away.`,
            tone,
          }
        : {
            text: `${name} brings token ${came} after the grace: it recovers with token ${given}, and the successor that it never saw is burned.`,
            tone,
          };
    default:
      return refused(name, report);
  }
}

/** Why a request was refused, by the Worker's report. */
function refused(name: string, report: Report | undefined): Sentence {
  const came = report?.presented;
  switch (outcomeOf(report)) {
    case "reuse":
      // An older token proves a copy. A late parent may come from a lost answer, and is not called a theft.
      return heardOf(report, "reuse")?.evidence === "older"
        ? {
            text: `Caught: ${lower(name)} brings token ${came}, whose successor was already used. Two parties hold a copy, so the session ends for both.`,
            tone: "thief",
          }
        : {
            text: `${name} brings token ${came} too late to recover: a thief, or an answer that was lost. The session ends, to be safe.`,
            tone: "thief",
          };
    case "revoked":
      return { text: `${name} is refused: the session is over.`, tone: "thief" };
    case "expired":
      return { text: `${name} is refused: the session expired, because nobody used it for too long.`, tone: "thief" };
    case "regression":
      return { text: `${name} is refused: the store does not know token ${came}.`, tone: "thief" };
    case "superseded":
      return { text: `${name} is asked to try again: another session takes the place of this one.`, tone: "call" };
    default:
      return failed(name, report);
  }
}

/** No event gave a reason, so only the status can be told. */
function failed(name: string, report: Report | undefined): Sentence {
  const status = report?.status ?? "no answer";
  // 503 means "not now": the edge keeps the cookies, and the same token will work later.
  return status === 503
    ? { text: `${name}: the Worker cannot answer now (503). The token stays good.`, tone: "call" }
    : { text: `${name}: refused (${status}).`, tone: "thief" };
}

/** A call to the origin; the edge may have refreshed the session on the way. */
function called({ who, report }: Entry): Sentence {
  const name = subject(who);
  if (report === undefined || report.status !== 200) return refused(name, report);
  // There is no new access token in the answer, so the one that was sent was valid.
  if (report.access === null)
    return { text: `${name} calls the origin, which accepts its access token.`, tone: "call" };
  const made = "the edge makes a new one first, and then forwards the call";
  switch (outcomeOf(report)) {
    case "rotated":
      return {
        text: `${name} calls the origin with an expired access token: ${made}. Refresh token ${report.presented} is used up, and ${report.generation} takes its place.`,
        tone: "call",
      };
    case "recovered":
      return {
        text: `${name} calls the origin with an expired access token: ${made}. Refresh token ${report.presented} recovered with ${report.generation}.`,
        tone: "call",
      };
    default:
      return { text: `${name} calls the origin with an expired access token: ${made}.`, tone: "call" };
  }
}

/** For the middle of a sentence. Tab names keep their capital. */
function lower(name: string): string {
  return name.startsWith("Tab") ? name : name.charAt(0).toLowerCase() + name.slice(1);
}

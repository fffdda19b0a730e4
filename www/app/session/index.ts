/** The visitor's controls: sign in, the token pair, and the actions of browser and thief. */
import { find } from "../dom.js";
import type { Entry } from "../life/entry.js";
import { type Answer, ask, type Decoded, numberOf, post } from "../worker.js";
import { SignIn } from "./sign-in.js";
import { Visitor } from "./visitor.js";

/** Milliseconds: often enough that no second is visibly skipped. */
const TICK = 250;

/** Starts the visitor's own session, if there is a Worker to keep it. */
export function startSession(): void {
  const live = find("live", HTMLElement);
  const thiefLine = find("thief-line", HTMLElement);
  const signIn = new SignIn(() => void busy(signIn.button, begin));
  const visitor = new Visitor(arrange);
  const buttons = {
    call: find("call", HTMLButtonElement),
    refresh: find("refresh", HTMLButtonElement),
    signOut: find("sign-out", HTMLButtonElement),
    steal: find("steal", HTMLButtonElement),
    replay: find("replay", HTMLButtonElement),
    again: find("again", HTMLButtonElement),
  };

  /** Shows and hides the parts. If the focused button disappears, the focus moves to the one that appears. */
  function arrange(): void {
    const { inside, isOver } = visitor;
    if (inside === null) return;
    signIn.offer(inside.started);
    const isShown = inside.refresh !== null || isOver;
    // Checked before anything is hidden, because hiding removes the focus.
    const focusMoves = !isShown && live.contains(document.activeElement);
    signIn.form.hidden = isShown;
    live.hidden = !isShown;
    if (focusMoves) signIn.button.focus();
    buttons.replay.disabled = inside.loot === null;
    // The generation of the thief's copy, as the list names tokens.
    const held = numberOf(inside.loot, "gen");
    thiefLine.textContent =
      held === null
        ? "copies the refresh token out of the browser, and waits."
        : `has a copy of refresh token ${held}. Refresh, let the grace of ${inside.policy.grace} pass, and then replay it.`;
  }

  /** Signs in, and moves the focus to the first button of the session. */
  async function begin(): Promise<void> {
    const answer = await signIn.ask();
    // The form shows the reason.
    if (answer?.report == null) return;
    await tell("sign-in", answer);
    // Without scrolling, so that the cards stay in view.
    buttons.call.focus({ preventScroll: true });
    const { bottom } = buttons.call.getBoundingClientRect();
    const { top } = live.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) find("session", HTMLElement).scrollIntoView();
  }

  /** Passes the Worker's report to the picture and the words. */
  async function tell(what: Entry["what"], { report }: Answer<unknown>, who: Entry["who"] = "this-tab"): Promise<void> {
    if (report === null) throw new Error("the Worker reported nothing");
    await visitor.happened({ at: report.at, who, what, report });
  }

  /** The Worker makes the copy: no script could, because the cookie is HttpOnly. */
  async function steal(): Promise<void> {
    const answer = await post<{ loot: Decoded }>("/demo/thief/steal");
    const generation = numberOf(answer.body?.loot ?? null, "gen");
    // There was nothing to steal. Reading the state again shows why.
    if (!answer.ok || generation === null) return visitor.look();
    await visitor.happened({ at: visitor.now(), who: "thief", what: "steal", generation });
  }

  const on = (button: HTMLButtonElement, work: () => Promise<void>): void =>
    button.addEventListener("click", () => void busy(button, work));
  on(buttons.call, async () => tell("call", await ask("/api/me")));
  on(buttons.refresh, async () => tell("refresh", await post("/auth/refresh")));
  on(buttons.signOut, async () => tell("sign-out", await post("/auth/logout")));
  on(buttons.steal, steal);
  on(buttons.replay, async () => tell("refresh", await post("/demo/thief/replay"), "thief"));
  on(buttons.again, async () => {
    // The cookies of a dead session are only in the way.
    await post("/auth/logout");
    // While this is set, the cards of the dead session stay in place of the form.
    visitor.isOver = false;
    await visitor.look();
    signIn.button.focus({ preventScroll: true });
    signIn.form.scrollIntoView({ block: "nearest" });
  });
  // Another tab may have rotated, signed in or signed out: it shares our cookies.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void visitor.look();
  });
  // An interval, not a timer for the next event: after the machine sleeps, the first tick corrects all clocks.
  setInterval(() => visitor.tick(), TICK);
  void visitor.look().catch(() => notThere());
}

/** One click at a time. Marked busy rather than disabled, because a button loses the focus when it is disabled. */
async function busy(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  try {
    await work();
  } catch {
    notThere();
  } finally {
    button.ariaBusy = "false";
  }
}

/** Replaces the user's name, which is unknown now. */
function notThere(): void {
  find("who", HTMLElement).textContent = "The Worker does not answer. Is it still running?";
}

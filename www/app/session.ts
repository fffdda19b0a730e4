import { countdown, element, find, showJson } from "./dom.js";
import { ask, companion, type Decoded, type Inside, numberOf, post, type Replay, readInside } from "./edge.js";
import { TimeLine } from "./time-line.js";

const TICK = 250;
const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
const PASSWORDS: Record<string, string> = { ada: "lovelace", alan: "turing" };

/** The upper half of the page: sign in, the pair, what browser and thief can do, and the time line of it. */
export function startSession(): void {
  const line = new TimeLine();
  const form = find("sign-in", HTMLFormElement);
  const formError = find("sign-in-error", HTMLElement);
  const live = find("live", HTMLElement);
  const who = find("who", HTMLElement);
  const buttons = {
    call: find("call", HTMLButtonElement),
    refresh: find("refresh", HTMLButtonElement),
    signOut: find("sign-out", HTMLButtonElement),
    steal: find("steal", HTMLButtonElement),
    replay: find("replay", HTMLButtonElement),
  };
  const access = card("access", "access-state");
  const refresh = card("refresh", "generation");
  const thiefLine = find("thief-line", HTMLElement);
  const policy = find("policy", HTMLElement);
  const signInButton = find("sign-in-button", HTMLButtonElement);

  let inside: Inside | null = null;
  /** Seconds that the server's clock is ahead of this one. */
  let ahead = 0;
  const now = (): number => Date.now() / 1000 + ahead;

  /** Asks the Worker what is in the cookies, and says what has changed since it was asked last. */
  async function look(): Promise<void> {
    const answer = await readInside();
    if (answer.body === null || !answer.ok) return;
    // Not from before the await: another look may have come in between, and has said what it saw.
    const before = inside;
    inside = answer.body;
    ahead = inside.now - Date.now() / 1000;
    const generation = numberOf(inside.refresh, "gen");
    const iat = numberOf(inside.access, "iat");
    const exp = numberOf(inside.access, "exp");
    const fresh = inside.access?.payload.jti !== before?.access?.payload.jti;
    if (inside.refresh !== null && before?.refresh?.payload.sid !== inside.refresh.payload.sid) {
      line.begin(iat ?? inside.now);
      line.say(
        iat ?? inside.now,
        "refresh",
        "Session",
        `${short(inside.refresh.payload.sid)} holds refresh token ${generation}`,
        generation,
      );
    } else if (generation !== null && generation !== numberOf(before?.refresh ?? null, "gen")) {
      line.say(
        iat ?? inside.now,
        "refresh",
        "Rotated",
        `refresh token ${generation} is the current one now`,
        generation,
      );
    } else if (fresh && before?.access != null && inside.access !== null) {
      line.say(iat ?? inside.now, "access", "New access token", "the refresh token stays as it is");
    }
    if (fresh && iat !== null && exp !== null) line.token(iat, exp);
    render();
  }

  function render(): void {
    const signedIn = inside?.refresh != null;
    // Whoever was at a button that goes away goes on at the one that comes.
    const focusMoves = !signedIn && live.contains(document.activeElement);
    form.hidden = signedIn;
    live.hidden = !signedIn;
    if (focusMoves) signInButton.focus();
    if (!signedIn || inside === null) {
      who.textContent = "Signed out";
      return;
    }
    who.textContent = `Signed in as ${companion()?.name ?? String(inside.refresh?.payload.sub)}`;
    refresh.chip.textContent = `generation ${numberOf(inside.refresh, "gen") ?? "?"}`;
    if (inside.access !== null) showJson(access.claims, inside.access.payload, ["iat", "exp", "auth_time"]);
    else access.claims.textContent = "None: the browser dropped the cookie when the token ran out.";
    if (inside.refresh !== null) showJson(refresh.claims, inside.refresh.payload, ["iat", "exp"]);
    buttons.replay.disabled = inside.loot === null;
    const held = numberOf(inside.loot, "gen");
    const { access: life, idle, grace, recovery } = inside.policy;
    policy.textContent = `Rules of this session: access ${life}, idle ${idle}, grace ${grace}, recovery ${recovery}.`;
    if (isLocal && isLong(life))
      policy.append(" To watch a token run out: ", element("code", "", "cargo xtask demo --access-ttl 15s"));
    thiefLine.textContent =
      held === null
        ? "copies the refresh token out of the browser, and waits."
        : `has a copy of refresh token ${held}. Refresh, let the grace of ${grace} pass, and then replay it.`;
  }

  function tick(): void {
    if (inside?.refresh != null) {
      show(access, inside.access, now(), "expired");
      show(refresh, inside.refresh, now(), "over");
      const left = (numberOf(inside.access, "exp") ?? 0) - now();
      access.chip.textContent = left > 0 ? "fresh" : "expired";
      access.chip.classList.toggle("over", left <= 0);
    }
    line.draw(now());
  }

  async function signIn(): Promise<void> {
    const data = new FormData(form);
    formError.hidden = true;
    const answer = await post("/auth/login", { username: data.get("username"), password: data.get("password") });
    if (!answer.ok) {
      formError.textContent =
        answer.status === 401 ? "That user name and password do not go together." : problem(answer.status);
      formError.hidden = false;
      return;
    }
    await look();
    buttons.call.focus();
  }

  async function call(): Promise<void> {
    const had = inside?.access?.payload.jti;
    const answer = await ask<{ claims?: { sub?: string; jti?: string } }>("/api/me");
    if (answer.ok) {
      const by =
        answer.body?.claims?.jti === had ? "with the token that was there" : "the edge made a fresh token first";
      await look();
      line.say(now(), "call", "GET /api/me → 200", `the origin saw ${answer.body?.claims?.sub ?? "?"}, ${by}`);
    } else {
      await notOk("GET /api/me", answer.status);
    }
  }

  async function rotate(): Promise<void> {
    const answer = await post("/auth/refresh");
    if (!answer.ok) return notOk("Refresh", answer.status);
    await look();
  }

  async function signOut(): Promise<void> {
    const answer = await post("/auth/logout");
    if (!answer.ok) return notOk("Sign out", answer.status);
    line.end(now(), false);
    line.say(now(), "refresh", "Signed out", "the session is revoked and the cookies are gone");
    await look();
  }

  async function steal(): Promise<void> {
    const answer = await post<{ loot: Decoded }>("/demo/thief/steal");
    if (answer.ok)
      line.say(
        now(),
        "thief",
        "Stolen",
        `the thief has a copy of refresh token ${numberOf(answer.body?.loot ?? null, "gen") ?? "?"}`,
      );
    await look();
  }

  async function replay(): Promise<void> {
    const tried = numberOf(inside?.loot ?? null, "gen");
    const answer = await post<Replay>("/demo/thief/replay");
    if (answer.body?.gotIn === true) {
      const holds = numberOf(answer.body.loot, "gen");
      const more =
        holds === tried
          ? "within the grace: the same answer again, nothing new"
          : `and holds token ${holds} now; the browser's is burned, and its next use gives the thief away`;
      line.say(now(), "thief", `Thief replays token ${tried}: let in`, more, holds);
    } else {
      line.say(
        now(),
        "thief",
        `Thief replays token ${tried}: refused`,
        "a token used twice means two holders: the session is revoked",
      );
      line.end(now(), true);
    }
    await look();
  }

  async function notOk(what: string, status: number): Promise<void> {
    line.say(now(), "call", `${what} → ${status}`, problem(status));
    const before = inside;
    await look();
    if (before?.refresh != null && inside?.refresh == null) {
      line.end(now(), true);
      line.say(now(), "thief", "Signed out by the edge", "the session had been revoked; sign in again");
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void busy(signInButton, signIn);
  });
  form.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.name !== "person") return;
    field(form, "username").value = target.value;
    field(form, "password").value = PASSWORDS[target.value] ?? "";
  });
  buttons.call.addEventListener("click", () => void busy(buttons.call, call));
  buttons.refresh.addEventListener("click", () => void busy(buttons.refresh, rotate));
  buttons.signOut.addEventListener("click", () => void busy(buttons.signOut, signOut));
  buttons.steal.addEventListener("click", () => void busy(buttons.steal, steal));
  buttons.replay.addEventListener("click", () => void busy(buttons.replay, replay));
  // Another tab may have rotated, signed in or out: its cookies are ours too.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void look();
  });

  // There to be seen, but on a phone not before everything else.
  if (matchMedia("(min-width: 46rem)").matches)
    for (const { claims } of [access, refresh]) claims.closest("details")?.setAttribute("open", "");
  setInterval(tick, TICK);
  void look().then(tick);
}

interface Card {
  readonly clock: HTMLElement;
  readonly life: HTMLElement;
  readonly chip: HTMLElement;
  readonly claims: HTMLElement;
}

function card(name: string, chip: string): Card {
  return {
    clock: find(`${name}-clock`, HTMLElement),
    life: find(`${name}-life`, HTMLElement),
    chip: find(chip, HTMLElement),
    claims: find(`${name}-claims`, HTMLElement),
  };
}

function show({ clock, life }: Card, token: Decoded | null, now: number, ended: string): void {
  const exp = numberOf(token, "exp") ?? 0;
  const iat = numberOf(token, "iat") ?? exp - 1;
  const left = exp - now;
  clock.textContent = left > 0 ? countdown(left) : ended;
  life.style.transform = `scaleX(${Math.min(1, Math.max(0, left / (exp - iat)))})`;
}

/** One click at a time. Busy and not disabled: a button that is disabled loses the focus of whoever pressed it. */
async function busy(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  try {
    await work();
  } catch {
    find("who", HTMLElement).textContent = "The Worker does not answer. Is it still running?";
  } finally {
    button.ariaBusy = "false";
  }
}

/** Longer than anybody waits in front of a page. */
function isLong(span: string): boolean {
  return !span.endsWith("s") || Number.parseInt(span, 10) > 120;
}

function field(form: HTMLFormElement, name: string): HTMLInputElement {
  const found = form.elements.namedItem(name);
  if (!(found instanceof HTMLInputElement)) throw new Error(`the form lacks ${name}`);
  return found;
}

function problem(status: number): string {
  if (status === 401) return "the session is over";
  if (status === 503) return "try again in a moment";
  return `the edge said ${status}`;
}

function short(sid: unknown): string {
  return typeof sid === "string" ? `${sid.slice(0, 6)}…` : "?";
}

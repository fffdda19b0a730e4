/** The pair of tokens, as cards with a clock each. */
import { countdown, find, showJson } from "../dom.js";
import { type Decoded, type Inside, numberOf } from "../worker.js";

/** The parts of a card: its clock in words, the bar of the life that is left, its state, and the claims. */
interface Card {
  readonly clock: HTMLElement;
  readonly life: HTMLElement;
  readonly chip: HTMLElement;
  readonly claims: HTMLElement;
}

/** Shows what the tokens hold, and how long each is good for yet. */
export class Cards {
  readonly #access = card("access");
  readonly #refresh = card("refresh");

  /** After each answer: the contents. */
  show({ access, refresh }: Inside): void {
    this.#refresh.chip.textContent = refresh === null ? "gone" : `generation ${numberOf(refresh, "gen") ?? "?"}`;
    if (access !== null) showJson(this.#access.claims, access.payload, ["iat", "exp", "auth_time"]);
    else this.#access.claims.textContent = "None: the browser dropped the cookie when the token ran out.";
    if (refresh !== null) showJson(this.#refresh.claims, refresh.payload, ["iat", "exp"]);
    else this.#refresh.claims.textContent = "None: the cookie is gone.";
  }

  /** Several times a second: only what changes by itself. `now` is by the Worker's clock. */
  tick({ access, refresh }: Inside, now: number, isOver: boolean): void {
    const left = run(this.#access, access, now, "expired");
    // No store is asked for an access token, so it outlives its session until it has run out by itself.
    this.#access.chip.textContent = left <= 0 ? "expired" : isOver ? "accepted until then" : "fresh";
    this.#access.chip.classList.toggle("over", left <= 0 || isOver);
    this.#refresh.chip.classList.toggle("over", isOver);
    // A session that was revoked ends at once, whatever its token's `exp` says.
    if (isOver) {
      this.#refresh.clock.textContent = "over";
      this.#refresh.life.style.transform = "scaleX(0)";
    } else run(this.#refresh, refresh, now, "over");
  }
}

function card(name: string): Card {
  return {
    clock: find(`${name}-clock`, HTMLElement),
    life: find(`${name}-life`, HTMLElement),
    chip: find(`${name}-chip`, HTMLElement),
    claims: find(`${name}-claims`, HTMLElement),
  };
}

/** Seconds that are left. */
function run({ clock, life }: Card, token: Decoded | null, now: number, ended: string): number {
  const exp = numberOf(token, "exp") ?? 0;
  // Without a token the bar is empty; a second of life keeps the division from being by zero.
  const iat = numberOf(token, "iat") ?? exp - 1;
  const left = exp - now;
  const text = left > 0 ? countdown(left) : ended;
  // Written only when it changes, so that nothing is laid out four times a second.
  if (clock.textContent !== text) clock.textContent = text;
  life.style.transform = `scaleX(${Math.min(1, Math.max(0, left / (exp - iat)))})`;
  return left;
}

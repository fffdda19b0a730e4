/** The token pair, as cards with a countdown each. */
import { countdown, find, showJson } from "../dom.js";
import { type Decoded, type Inside, numberOf } from "../worker.js";

/** The parts of a card: its countdown, the bar of remaining lifetime, its state, and the claims. */
interface Card {
  readonly clock: HTMLElement;
  readonly life: HTMLElement;
  readonly chip: HTMLElement;
  readonly claims: HTMLElement;
}

/** Shows the contents of the tokens, and how much longer each is valid. */
export class Cards {
  readonly #access = card("access");
  readonly #refresh = card("refresh");

  /** After each answer: updates the contents. */
  show({ access, refresh }: Inside): void {
    this.#refresh.chip.textContent = refresh === null ? "gone" : `generation ${numberOf(refresh, "gen") ?? "?"}`;
    if (access !== null) showJson(this.#access.claims, access.payload, ["iat", "exp", "auth_time"]);
    else this.#access.claims.textContent = "None: the browser dropped the cookie when the token ran out.";
    if (refresh !== null) showJson(this.#refresh.claims, refresh.payload, ["iat", "exp"]);
    else this.#refresh.claims.textContent = "None: the cookie is gone.";
  }

  /** Several times a second: updates only what changes with time. `now` is by the Worker's clock. */
  tick({ access, refresh }: Inside, now: number, isOver: boolean): void {
    const left = run(this.#access, access, now, "expired");
    // The store is not asked about an access token, so the token outlives its session until it expires.
    this.#access.chip.textContent = left <= 0 ? "expired" : isOver ? "accepted until then" : "fresh";
    this.#access.chip.classList.toggle("over", left <= 0 || isOver);
    this.#refresh.chip.classList.toggle("over", isOver);
    // A revoked session ends at once, whatever its token's `exp` says.
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

/** The remaining seconds. */
function run({ clock, life }: Card, token: Decoded | null, now: number, ended: string): number {
  const exp = numberOf(token, "exp") ?? 0;
  // Without a token the bar is empty; a lifetime of at least one second avoids a division by zero.
  const iat = numberOf(token, "iat") ?? exp - 1;
  const left = exp - now;
  const text = left > 0 ? countdown(left) : ended;
  // Written only when it changes, to avoid a layout four times a second.
  if (clock.textContent !== text) clock.textContent = text;
  life.style.transform = `scaleX(${Math.min(1, Math.max(0, left / (exp - iat)))})`;
  return left;
}

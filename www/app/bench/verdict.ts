/** The verifier's answer, word for word, and how much longer a good token is good. */
import { countdown, element, find } from "../dom.js";
import { keyFrom } from "./key-material.js";
import { everyKey, library, wantsEveryKey } from "./library.js";

/** Shows what `verify` returns or throws. `again` is called when that may have changed by time alone. */
export class Verdict {
  readonly #shown = find("verdict", HTMLOutputElement);
  /** The end of the token last found good. */
  #expires: number | null = null;
  readonly #again: () => void;

  constructor(again: () => void) {
    this.#again = again;
    setInterval(() => {
      if (this.#expires === null) return;
      // Over: the verifier has the word, not this clock.
      if (this.#expires * 1000 <= Date.now()) return again();
      const shown = this.#shown.querySelector(".expiry");
      const text = expiry(this.#expires);
      if (shown !== null && shown.textContent !== text) shown.textContent = text;
    }, 1_000);
  }

  /** Verifies with the defaults of the package, which take the algorithms that fit the key. */
  judge(token: string, key: string): void {
    this.#expires = null;
    try {
      const claims = library().verify(token.trim(), keyFrom(key));
      this.#shown.className = "verdict good";
      this.#expires = typeof claims !== "string" && typeof claims.exp === "number" ? claims.exp : null;
      this.#shown.replaceChildren(element("b", "", "Valid"), " ", ticking(expiry(this.#expires)));
    } catch (error) {
      // Not a refusal yet: the wasm for this key is on its way.
      if (wantsEveryKey(error)) return void everyKey().then(this.#again, (problem: unknown) => this.#refuse(problem));
      this.#refuse(error);
    }
  }

  /** The error as a program would get it: its class, its code and its message. */
  #refuse(error: unknown): void {
    const { name, message, code } = error as Error & { code?: string };
    this.#shown.className = "verdict bad";
    this.#shown.replaceChildren(
      element("b", "", name),
      ...(code === undefined ? [] : [" ", element("code", "", code)]),
      element("span", "message", message),
    );
  }
}

/** `exp` in words. */
function expiry(exp: number | null): string {
  return exp === null ? "without an expiry" : `for another ${countdown(exp - Date.now() / 1000)}`;
}

/** Changes every second, which nobody wants read out: `exp` stands among the claims. */
function ticking(text: string): HTMLElement {
  const made = element("small", "expiry", text);
  made.ariaHidden = "true";
  return made;
}

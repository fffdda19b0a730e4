/** The verifier's result, word for word, and how much longer a valid token stays valid. */
import { countdown, element, find } from "../dom.js";
import { keyFrom } from "./key-material.js";
import { everyKey, library, wantsEveryKey } from "./library.js";

/** Shows what `verify` returns or throws. `again` is called when the result may have changed by the passage of time. */
export class Verdict {
  readonly #shown = find("verdict", HTMLOutputElement);
  /** The expiry of the token last found valid. */
  #expires: number | null = null;
  readonly #again: () => void;

  constructor(again: () => void) {
    this.#again = again;
    setInterval(() => {
      if (this.#expires === null) return;
      // Expired by this clock, but the verifier decides.
      if (this.#expires * 1000 <= Date.now()) return again();
      const shown = this.#shown.querySelector(".expiry");
      const text = expiry(this.#expires);
      if (shown !== null && shown.textContent !== text) shown.textContent = text;
    }, 1_000);
  }

  /** Verifies with the package's defaults, which allow the algorithms that fit the key. */
  judge(token: string, key: string): void {
    this.#expires = null;
    try {
      const claims = library().verify(token.trim(), keyFrom(key));
      this.#shown.className = "verdict good";
      this.#expires = typeof claims !== "string" && typeof claims.exp === "number" ? claims.exp : null;
      this.#shown.replaceChildren(element("b", "", "Valid"), " ", ticking(expiry(this.#expires)));
    } catch (error) {
      // Not a refusal yet: the wasm for this key is still loading.
      if (wantsEveryKey(error)) return void everyKey().then(this.#again, (problem: unknown) => this.#refuse(problem));
      this.#refuse(error);
    }
  }

  /** The error as a program would see it: its class, code and message. */
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

/** Changes every second, so screen readers should skip it: `exp` is among the claims anyway. */
function ticking(text: string): HTMLElement {
  const made = element("small", "expiry", text);
  made.ariaHidden = "true";
  return made;
}

/** The token bench: sign, inspect, tamper with and verify a token, all with the package's wasm. */
import { copyOnClick } from "../copy.js";
import { element, find } from "../dom.js";
import { type Algorithm, FAMILIES, isHmac } from "./algorithms.js";
import { keyFrom } from "./key-material.js";
import { Keys } from "./keys.js";
import { everyKey, library, startWithSecrets, wantsEveryKey } from "./library.js";
import { tamperedWith } from "./tamper.js";
import { TokenView } from "./token-view.js";
import { Verdict } from "./verdict.js";

/**
 * Starts the bench with the wasm for secrets, and signs a first token. Rejects if the wasm cannot be loaded; the page
 * then says so.
 */
export async function startBench(): Promise<void> {
  await startWithSecrets();
  const form = find("bench-form", HTMLFormElement);
  offerAlgorithms(find("algorithms", HTMLElement));
  const bench = new Bench(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    bench.sign();
  });
  form.addEventListener("change", ({ target }) => {
    // Events of the text fields bubble up to the form too, but those fields have their own listeners.
    if (!(target instanceof HTMLInputElement)) return;
    if (target.name === "algorithm") void bench.choose(target.value as Algorithm);
    if (target.name === "spelling") bench.respell();
  });
  find("new-key", HTMLButtonElement).addEventListener("click", () => void bench.renew());
  find("verify", HTMLButtonElement).addEventListener("click", () => bench.verify());
  for (const [part, name] of (["header", "payload", "signature"] as const).entries())
    find(`tamper-${name}`, HTMLButtonElement).addEventListener("click", () => bench.tamper(part as 0 | 1 | 2));
  await bench.choose("HS256");
  // From here on the fields hold a token.
  find("bench", HTMLElement).dataset.ready = "";
}

/** Connects the fields: whatever changes the token, it is verified at once. */
class Bench {
  readonly #payload = find("payload", HTMLTextAreaElement);
  readonly #expiresIn = find("expires-in", HTMLInputElement);
  readonly #problem = find("bench-problem", HTMLElement);
  readonly #newKey = find("new-key", HTMLButtonElement);
  readonly #keys = new Keys();
  readonly #token = new TokenView();
  readonly #verdict = new Verdict(() => this.verify());
  #algorithm: Algorithm = "HS256";
  /** The algorithm chosen last; its keys may still be loading. */
  #wanted: Algorithm = "HS256";

  constructor(form: HTMLFormElement) {
    this.#keys.sign.addEventListener("input", () => this.#keys.signEdited());
    this.#keys.verify.addEventListener("input", () => {
      this.#keys.verifyEdited();
      this.verify();
    });
    // Typing only changes the token. It is never signed again, because the point is to see verification fail.
    this.#token.text.addEventListener("input", () => {
      this.#token.paint();
      this.verify();
    });
    copyOnClick(find("copy", HTMLButtonElement), () => this.#token.text.value);
    // The browser should not remember keys and tokens.
    form.autocomplete = "off";
  }

  /** Switches to another algorithm, with a key of its family. */
  async choose(algorithm: Algorithm): Promise<void> {
    this.#wanted = algorithm;
    await this.#making(async () => {
      if (!isHmac(algorithm)) await everyKey();
      // The visitor may have chosen again while the wasm was loading.
      if (this.#wanted !== algorithm) return;
      this.#algorithm = algorithm;
      this.#keys.use(algorithm);
    });
  }

  /** Generates another key for the same algorithm. */
  async renew(): Promise<void> {
    await this.#making(async () => this.#keys.renew());
  }

  /** Shows the same key as PEM, JWK or JWKS. Signs again, because a set needs a `kid` in the header. */
  respell(): void {
    this.#keys.respell();
    this.sign();
  }

  /**
   * Generating an RSA pair takes long enough to show that the page is busy, and the wasm blocks rendering meanwhile.
   */
  async #making(make: () => Promise<void>): Promise<void> {
    this.#newKey.ariaBusy = "true";
    // About two frames, in which the browser renders the busy state.
    await new Promise((resolve) => setTimeout(resolve, 30));
    try {
      await make();
      this.sign();
    } catch (error) {
      this.#explain(error);
    } finally {
      this.#newKey.ariaBusy = "false";
    }
  }

  /** Signs the current payload. Errors appear below the form, in the package's own words. */
  sign(): void {
    this.#problem.hidden = true;
    try {
      const claims: unknown = JSON.parse(this.#payload.value);
      if (typeof claims !== "object" || claims === null) throw new TypeError("The payload must be a JSON object.");
      const expiry = this.#expiresIn.value.trim();
      const { kid } = this.#keys;
      this.#token.text.value = library().sign(claims, keyFrom(this.#keys.sign.value), {
        algorithm: this.#algorithm,
        ...(kid !== undefined && { keyid: kid }),
        // A bare number in a string would be milliseconds, as in npm jsonwebtoken, but a visitor who types 60 means
        // seconds.
        ...(expiry !== "" && { expiresIn: /^\d+$/.test(expiry) ? Number(expiry) : expiry }),
      });
    } catch (error) {
      // This key needs the rest of the package, which is not loaded yet: load it, then sign again.
      if (wantsEveryKey(error))
        return void everyKey().then(
          () => this.sign(),
          (problem: unknown) => this.#explain(problem),
        );
      this.#explain(error);
    }
    this.#token.paint();
    this.verify();
  }

  /** The message of an error and its code. Both are inserted as text, because a message may quote visitor input. */
  #explain(error: unknown): void {
    const { message, code } = error as Error & { code?: string };
    this.#problem.replaceChildren(message, ...(code === undefined ? [] : [" ", element("code", "", code)]));
    this.#problem.hidden = false;
  }

  /** Verifies whatever is in the field, even a token that the page did not sign. */
  verify(): void {
    this.#verdict.judge(this.#token.text.value, this.#keys.verify.value);
  }

  /** Changes one character of a part, and shows which one. */
  tamper(part: 0 | 1 | 2): void {
    const lie = tamperedWith(this.#token.text.value, part);
    // A part may have no character that can change and leave it readable, such as an empty signature.
    if (lie === null) return;
    this.#token.text.value = lie.token;
    this.#token.paint(lie.at);
    this.verify();
  }
}

/** Builds the menu from the table, so that the page offers what the package supports. */
function offerAlgorithms(group: HTMLElement): void {
  for (const [family, algorithms] of FAMILIES) {
    const row = element("div", "family");
    row.append(element("span", "family-name", family));
    for (const algorithm of algorithms) {
      const label = document.createElement("label");
      const input = document.createElement("input");
      Object.assign(input, { type: "radio", name: "algorithm", value: algorithm, checked: algorithm === "HS256" });
      label.append(input, element("span", "", algorithm));
      row.append(label);
    }
    group.append(row);
  }
}

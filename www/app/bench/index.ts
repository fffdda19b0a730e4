/** The token bench: sign, look at, tamper with and verify a token, all in the wasm of the package. */
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
 * Starts the bench with the wasm for secrets, and signs a first token. Rejects where the wasm does not arrive; the page
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
    // The fields for text bubble up to the form too, and have listeners of their own.
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

/** Ties the fields together: whatever changes the token, it is verified at once. */
class Bench {
  readonly #payload = find("payload", HTMLTextAreaElement);
  readonly #expiresIn = find("expires-in", HTMLInputElement);
  readonly #problem = find("bench-problem", HTMLElement);
  readonly #newKey = find("new-key", HTMLButtonElement);
  readonly #keys = new Keys();
  readonly #token = new TokenView();
  readonly #verdict = new Verdict(() => this.verify());
  #algorithm: Algorithm = "HS256";
  /** The algorithm that was chosen last: its keys may still be on their way. */
  #wanted: Algorithm = "HS256";

  constructor(form: HTMLFormElement) {
    this.#keys.sign.addEventListener("input", () => this.#keys.signEdited());
    this.#keys.verify.addEventListener("input", () => {
      this.#keys.verifyEdited();
      this.verify();
    });
    // Typing changes the token alone: it is never signed anew, since the point is to see it fail.
    this.#token.text.addEventListener("input", () => {
      this.#token.paint();
      this.verify();
    });
    copyOnClick(find("copy", HTMLButtonElement), () => this.#token.text.value);
    // A key and a token are not for the browser to remember.
    form.autocomplete = "off";
  }

  /** Takes another algorithm, with a key of its family. */
  async choose(algorithm: Algorithm): Promise<void> {
    this.#wanted = algorithm;
    await this.#making(async () => {
      if (!isHmac(algorithm)) await everyKey();
      // Somebody may have chosen again while the wasm was on its way.
      if (this.#wanted !== algorithm) return;
      this.#algorithm = algorithm;
      this.#keys.use(algorithm);
    });
  }

  /** Makes another key for the same algorithm. */
  async renew(): Promise<void> {
    await this.#making(async () => this.#keys.renew());
  }

  /** Shows the same key as PEM, JWK or JWKS. Signed again, since a set needs a `kid` in the header. */
  respell(): void {
    this.#keys.respell();
    this.sign();
  }

  /** An RSA pair takes long enough to say so, and the wasm does not let the page draw meanwhile. */
  async #making(make: () => Promise<void>): Promise<void> {
    this.#newKey.ariaBusy = "true";
    // Two frames or so, in which the browser draws that it is busy.
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

  /** Signs the payload that is there. What is wrong is said below the form, in the words of the package. */
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
        // A bare number in a string would be milliseconds, as in npm jsonwebtoken. Whoever types 60 means seconds.
        ...(expiry !== "" && { expiresIn: /^\d+$/.test(expiry) ? Number(expiry) : expiry }),
      });
    } catch (error) {
      // This key needs the rest of the package, which is not here yet: it is fetched, and then signing is tried again.
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

  /** The message of an error and its code. Both are shown as text: a message may quote what somebody typed. */
  #explain(error: unknown): void {
    const { message, code } = error as Error & { code?: string };
    this.#problem.replaceChildren(message, ...(code === undefined ? [] : [" ", element("code", "", code)]));
    this.#problem.hidden = false;
  }

  /** Verifies whatever is in the field, also what the page did not sign. */
  verify(): void {
    this.#verdict.judge(this.#token.text.value, this.#keys.verify.value);
  }

  /** Changes one character of a part, and shows which one. */
  tamper(part: 0 | 1 | 2): void {
    const lie = tamperedWith(this.#token.text.value, part);
    // A part may have no character that can change and still be read, such as an empty signature.
    if (lie === null) return;
    this.#token.text.value = lie.token;
    this.#token.paint(lie.at);
    this.verify();
  }
}

/** Builds the choice from the table, so that the page offers what the package has. */
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

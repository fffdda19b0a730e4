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
    if (!(target instanceof HTMLInputElement)) return;
    if (target.name === "algorithm") void bench.choose(target.value as Algorithm);
    if (target.name === "spelling") bench.respell();
  });
  find("new-key", HTMLButtonElement).addEventListener("click", () => void bench.renew());
  find("verify", HTMLButtonElement).addEventListener("click", () => bench.verify());
  for (const [part, name] of (["header", "payload", "signature"] as const).entries())
    find(`tamper-${name}`, HTMLButtonElement).addEventListener("click", () => bench.tamper(part as 0 | 1 | 2));
  await bench.choose("HS256");
  find("bench", HTMLElement).dataset.ready = "";
}

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
    this.#token.text.addEventListener("input", () => {
      this.#token.paint();
      this.verify();
    });
    copyOnClick(find("copy", HTMLButtonElement), () => this.#token.text.value);
    // A key and a token are not for the browser to remember.
    form.autocomplete = "off";
  }

  async choose(algorithm: Algorithm): Promise<void> {
    this.#wanted = algorithm;
    await this.#making(async () => {
      if (!isHmac(algorithm)) await everyKey();
      if (this.#wanted !== algorithm) return;
      this.#algorithm = algorithm;
      this.#keys.use(algorithm);
    });
  }

  async renew(): Promise<void> {
    await this.#making(async () => this.#keys.renew());
  }

  respell(): void {
    this.#keys.respell();
    this.sign();
  }

  /** An RSA pair takes long enough to say so, and the wasm does not let the page draw meanwhile. */
  async #making(make: () => Promise<void>): Promise<void> {
    this.#newKey.ariaBusy = "true";
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

  sign(): void {
    this.#problem.hidden = true;
    try {
      const claims: unknown = JSON.parse(this.#payload.value);
      if (typeof claims !== "object" || claims === null) throw new TypeError("The payload has to be a JSON object.");
      const expiry = this.#expiresIn.value.trim();
      const { kid } = this.#keys;
      this.#token.text.value = library().sign(claims, keyFrom(this.#keys.sign.value), {
        algorithm: this.#algorithm,
        ...(kid !== undefined && { keyid: kid }),
        ...(expiry !== "" && { expiresIn: /^\d+$/.test(expiry) ? Number(expiry) : expiry }),
      });
    } catch (error) {
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

  #explain(error: unknown): void {
    const { message, code } = error as Error & { code?: string };
    this.#problem.replaceChildren(message, ...(code === undefined ? [] : [" ", element("code", "", code)]));
    this.#problem.hidden = false;
  }

  verify(): void {
    this.#verdict.judge(this.#token.text.value, this.#keys.verify.value);
  }

  tamper(part: 0 | 1 | 2): void {
    const lie = tamperedWith(this.#token.text.value, part);
    if (lie === null) return;
    this.#token.text.value = lie.token;
    this.#token.paint(lie.at);
    this.verify();
  }
}

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

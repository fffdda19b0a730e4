/** The form: who, and at which pace the session is to live. */

import { PACES, type Pace, type Policy, seconds } from "../../report.js";
import { element, find } from "../dom.js";
import { type Answer, post } from "../worker.js";

const PASSWORDS: Record<string, string> = { ada: "lovelace", alan: "turing" };

export class SignIn {
  readonly form = find("sign-in", HTMLFormElement);
  readonly button = find("sign-in-button", HTMLButtonElement);
  readonly #problem = find("sign-in-error", HTMLElement);
  readonly #paces = find("paces", HTMLElement);

  constructor(submit: () => void) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit();
    });
    this.form.addEventListener("change", ({ target }) => {
      if (!(target instanceof HTMLInputElement) || target.name !== "person") return;
      field(this.form, "username").value = target.value;
      field(this.form, "password").value = PASSWORDS[target.value] ?? "";
    });
  }

  /** The choice of paces, of which the first is what the demo was started with. */
  offer(started: Policy): void {
    if (this.#paces.querySelector("label") !== null) return;
    const name = seconds(started.access) < 60 ? "Seconds" : "As started";
    const offered: readonly [Pace, string, Policy][] = [
      ["started", name, started],
      ["minutes", "Minutes", PACES.minutes],
      ["real", "Real", PACES.real],
    ];
    for (const [pace, title, { access, grace, idle }] of offered) {
      const label = document.createElement("label");
      const input = document.createElement("input");
      Object.assign(input, { type: "radio", name: "pace", value: pace, checked: pace === "started" });
      const text = element("span", "");
      text.append(element("b", "", title), element("small", "", `access ${access}, grace ${grace}, idle ${idle}`));
      label.append(input, text);
      this.#paces.append(label);
    }
  }

  /** The answer if somebody is signed in by it; else the form says what is wrong. */
  async ask(): Promise<Answer<object> | null> {
    const data = new FormData(this.form);
    this.#problem.hidden = true;
    const pace = String(data.get("pace") ?? "started");
    const who = { username: data.get("username"), password: data.get("password"), pace };
    const answer = await post("/auth/login", who, pace);
    if (answer.ok) return answer;
    this.#problem.textContent =
      answer.status === 401
        ? "That user name and password do not go together."
        : `The Worker cannot sign anybody in now (${answer.status}).`;
    this.#problem.hidden = false;
    return null;
  }
}

function field(form: HTMLFormElement, name: string): HTMLInputElement {
  const found = form.elements.namedItem(name);
  if (!(found instanceof HTMLInputElement)) throw new Error(`the form lacks ${name}`);
  return found;
}

/** The sign-in form: the user, and the pace of the session. */

import { PACES, type Pace, type Policy, seconds } from "../../report.js";
import { find } from "../dom.js";
import { type Answer, post } from "../worker.js";

/** Printed on the page too: these users exist only in the demo. */
const PASSWORDS: Record<string, string> = { ada: "lovelace", alan: "turing" };

/** Fills and reads the form. `submit` is called instead of the browser's own navigation. */
export class SignIn {
  readonly form = find("sign-in", HTMLFormElement);
  readonly button = find("sign-in-button", HTMLButtonElement);
  readonly #problem = find("sign-in-error", HTMLElement);

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

  /** The available paces; the first is what the demo was started with. */
  offer(started: Policy): void {
    // `scene` is left out: its session ends too soon to be used by hand.
    const offered: Record<Exclude<Pace, "scene">, Policy> = { started, minutes: PACES.minutes, real: PACES.real };
    for (const [pace, { access, grace, idle }] of Object.entries(offered)) {
      const shown = this.form.querySelector(`[name="pace"][value="${pace}"] + span`);
      shown?.querySelector("small")?.replaceChildren(`access ${access}, grace ${grace}, idle ${idle}`);
      if (pace === "started")
        shown?.querySelector("b")?.replaceChildren(seconds(access) < 60 ? "Seconds" : "As started");
    }
  }

  /** The answer if the sign-in succeeded; otherwise the form shows what is wrong. */
  async ask(): Promise<Answer<object> | null> {
    const data = new FormData(this.form);
    // Removes an old error message while the next attempt runs.
    this.#problem.hidden = true;
    const pace = String(data.get("pace") ?? "started");
    const who = { username: data.get("username"), password: data.get("password"), pace };
    const answer = await post("/auth/login", who, pace);
    if (answer.ok) return answer;
    this.#problem.textContent =
      // 401 is a refusal; any other status means that the Worker cannot answer now.
      answer.status === 401
        ? "The user name or password is wrong."
        : `The Worker cannot sign anyone in right now (${answer.status}).`;
    this.#problem.hidden = false;
    return null;
  }
}

/** A field of the form by name. Throws if index.html lacks it. */
function field(form: HTMLFormElement, name: string): HTMLInputElement {
  const found = form.elements.namedItem(name);
  if (!(found instanceof HTMLInputElement)) throw new Error(`the form lacks ${name}`);
  return found;
}

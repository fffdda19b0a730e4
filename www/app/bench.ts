import jwt from "tandem-jwt";
import { countdown, element, find } from "./dom.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const ROUNDS = 200;
const TRIES = 5;

type Algorithm = "HS256" | "HS384" | "HS512";

/** The lower half of the page: sign, look at, tamper with and verify a token, all in the wasm of the package. */
export function startBench(): void {
  const form = find("bench-form", HTMLFormElement);
  const payload = find("payload", HTMLTextAreaElement);
  const key = find("key", HTMLInputElement);
  const expiresIn = find("expires-in", HTMLInputElement);
  const verifyKey = find("verify-key", HTMLInputElement);
  const token = find("token", HTMLTextAreaElement);
  const colours = find("token-colours", HTMLElement);
  const problem = find("bench-problem", HTMLElement);
  const verdict = find("verdict", HTMLOutputElement);
  const pace = find("pace", HTMLElement);
  const copy = find("copy", HTMLButtonElement);
  /** Where the last tampering changed a character, to mark it. */
  let tampered: number | null = null;
  /** The end of the token last found good, to count down to. */
  let expires: number | null = null;
  let sameKey = true;
  let restored: ReturnType<typeof setTimeout> | undefined;

  function sign(): void {
    problem.hidden = true;
    try {
      const claims: unknown = JSON.parse(payload.value);
      if (typeof claims !== "object" || claims === null) throw new Error("The payload has to be a JSON object.");
      const expiry = expiresIn.value.trim();
      token.value = jwt.sign(claims, key.value, {
        algorithm: algorithm(form),
        ...(expiry === "" ? {} : { expiresIn: /^\d+$/.test(expiry) ? Number(expiry) : expiry }),
      });
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
      problem.hidden = false;
      return;
    }
    tampered = null;
    if (sameKey) verifyKey.value = key.value;
    paint();
    verify();
  }

  function verify(): void {
    expires = null;
    const text = token.value.trim();
    try {
      const found = jwt.verify(text, verifyKey.value, { algorithms: ["HS256", "HS384", "HS512"] });
      verdict.className = "verdict good";
      const claims = typeof found === "string" ? {} : found;
      expires = typeof claims.exp === "number" ? claims.exp : null;
      verdict.replaceChildren(
        element("b", "", "Valid"),
        " ",
        ticking(expiry(expires)),
        element("pre", "", JSON.stringify(found, null, 2)),
      );
    } catch (error) {
      verdict.className = "verdict bad";
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      verdict.replaceChildren(element("b", "", name), element("pre", "", message));
    }
  }

  /** One character of the payload becomes the next in the alphabet: the smallest lie there is. */
  function tamper(): void {
    const [header = "", body = ""] = token.value.split(".");
    const first = header.length + 1;
    const start = Math.floor(Math.random() * body.length);
    for (let step = 0; step < body.length; step += 1) {
      const at = first + ((start + step) % body.length);
      const next = ALPHABET[(ALPHABET.indexOf(token.value.charAt(at)) + 1) % ALPHABET.length] ?? "A";
      const lie = token.value.slice(0, at) + next + token.value.slice(at + 1);
      // A lie that still can be read, so that nothing but the signature finds it out.
      if (!isReadable(lie)) continue;
      token.value = lie;
      tampered = at;
      paint();
      break;
    }
    verify();
  }

  function paint(): void {
    const parts: (string | Node)[] = [];
    let at = 0;
    token.value.split(".").forEach((part, index) => {
      if (index > 0) {
        parts.push(".");
        at += 1;
      }
      const span = element("span", ["header", "payload", "signature"][index] ?? "", part);
      if (tampered !== null && tampered >= at && tampered < at + part.length) {
        const within = tampered - at;
        span.replaceChildren(
          part.slice(0, within),
          element("span", "lie", part.charAt(within)),
          part.slice(within + 1),
        );
      }
      parts.push(span);
      at += part.length;
    });
    // A last line that is empty has no height of its own.
    colours.replaceChildren(...parts, "\u200b");
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sign();
  });
  form.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.name === "algorithm") sign();
  });
  verifyKey.addEventListener("input", () => {
    sameKey = verifyKey.value === key.value;
    verify();
  });
  token.addEventListener("input", () => {
    tampered = null;
    paint();
    verify();
  });
  find("verify", HTMLButtonElement).addEventListener("click", verify);
  find("tamper", HTMLButtonElement).addEventListener("click", tamper);
  copy.addEventListener("click", () => {
    // Absent where the page came by http from another machine.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    const copied = clipboard?.writeText(token.value) ?? Promise.reject(new Error("no clipboard"));
    void copied.then(
      () => (copy.textContent = "Copied"),
      () => (copy.textContent = "Not allowed here"),
    );
    clearTimeout(restored);
    restored = setTimeout(() => (copy.textContent = "Copy"), 1_500);
  });

  setInterval(() => {
    if (expires === null) return;
    // Over: the verifier has the word, not this clock.
    if (expires * 1000 <= Date.now()) return verify();
    const shown = verdict.querySelector(".expiry");
    if (shown !== null && shown.textContent !== expiry(expires)) shown.textContent = expiry(expires);
  }, 1_000);

  sign();
  // Once the page stands and the compiler has settled.
  setTimeout(() => measure(pace), 800);
}

/** Both verbs, a few hundred times in a row: browsers round their clocks too coarsely to time one. */
function measure(shown: HTMLElement): void {
  const key = "a secret that only servers know";
  const token = jwt.sign({ userId: "12345", role: "user" }, key, { expiresIn: "15m" });
  const signing = microseconds(() => jwt.sign({ userId: "12345", role: "user" }, key, { expiresIn: "15m" }));
  const verifying = microseconds(() => jwt.verify(token, key));
  const bold = (text: string): HTMLElement => element("b", "", text);
  shown.replaceChildren(
    "Measured here, just now: ",
    bold(`${signing}\u00a0µs`),
    " to sign, ",
    bold(`${verifying}\u00a0µs`),
    " to verify (HS256).",
  );
}

/** The best of a few tries: what else the machine does at the time is not ours to measure. */
function microseconds(work: () => unknown): string {
  let best = Infinity;
  for (let tried = 0; tried < TRIES; tried += 1) {
    const begun = performance.now();
    for (let round = 0; round < ROUNDS; round += 1) work();
    best = Math.min(best, ((performance.now() - begun) * 1_000) / ROUNDS);
  }
  return best < 10 ? best.toFixed(1) : String(Math.round(best));
}

function isReadable(token: string): boolean {
  try {
    return jwt.decode(token) !== null;
  } catch {
    return false;
  }
}

function algorithm(form: HTMLFormElement): Algorithm {
  return String(new FormData(form).get("algorithm")) as Algorithm;
}

function expiry(exp: number | null): string {
  return exp === null ? "without an end" : `for another ${countdown(exp - Date.now() / 1000)}`;
}

/** Changes every second, which nobody wants read out: `exp` stands below it. */
function ticking(text: string): HTMLElement {
  const made = element("small", "expiry", text);
  made.ariaHidden = "true";
  return made;
}

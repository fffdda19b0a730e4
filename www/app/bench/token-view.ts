/** A token in the colours of its parts, and what is in it, whoever signed it. */
import { decode } from "tandem-jwt/lite";
import { element, find, showJson } from "../dom.js";

/** The classes that colour the parts. A fourth part, which no token has, stays without one. */
const PARTS = ["header", "payload", "signature"];

/** A field to type in, with the same text in colours behind it: a textarea cannot colour its own. */
export class TokenView {
  readonly text = find("token", HTMLTextAreaElement);
  readonly #colours = find("token-colours", HTMLElement);
  readonly #header = find("decoded-header", HTMLElement);
  readonly #payload = find("decoded-payload", HTMLElement);

  /** `lie` is where a character was changed. */
  paint(lie: number | null = null): void {
    const parts: (string | Node)[] = [];
    // Where the part at hand begins in the token.
    let at = 0;
    this.text.value.split(".").forEach((part, index) => {
      if (index > 0) {
        parts.push(".");
        at += 1;
      }
      const span = element("span", PARTS[index] ?? "", part);
      if (lie !== null && lie >= at && lie < at + part.length) {
        const within = lie - at;
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
    this.#colours.replaceChildren(...parts, "\u200b");
    this.#decode();
  }

  /** Shows what is inside, unverified: the verdict stands elsewhere. */
  #decode(): void {
    let found: ReturnType<typeof decode> | { header: object; payload: unknown } = null;
    try {
      found = decode(this.text.value.trim(), { complete: true });
    } catch {
      // The fields below say so.
    }
    const { header, payload } = (found ?? {}) as { header?: Record<string, unknown>; payload?: unknown };
    if (header === undefined) {
      this.#header.textContent = this.#payload.textContent = "This is not a token.";
      return;
    }
    showJson(this.#header, header);
    if (typeof payload === "object" && payload !== null)
      showJson(this.#payload, payload as Record<string, unknown>, ["iat", "exp", "nbf", "auth_time"]);
    else this.#payload.textContent = String(payload);
  }
}

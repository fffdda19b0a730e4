/** A token with its parts in colour, and its contents, whoever signed it. */
import { decode } from "tandem-jwt/lite";
import { element, find, showJson } from "../dom.js";

/** The classes that colour the parts. A fourth part, which no valid token has, gets none. */
const PARTS = ["header", "payload", "signature"];

/** An input field with the same text in colour behind it: a textarea cannot colour its own text. */
export class TokenView {
  readonly text = find("token", HTMLTextAreaElement);
  readonly #colours = find("token-colours", HTMLElement);
  readonly #header = find("decoded-header", HTMLElement);
  readonly #payload = find("decoded-payload", HTMLElement);

  /** `lie` is the position of the changed character. */
  paint(lie: number | null = null): void {
    const parts: (string | Node)[] = [];
    // The offset of the current part in the token.
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
    // An empty last line would have no height.
    this.#colours.replaceChildren(...parts, "\u200b");
    this.#decode();
  }

  /** Shows the contents, unverified: the verdict is shown elsewhere. */
  #decode(): void {
    let found: ReturnType<typeof decode> | { header: object; payload: unknown } = null;
    try {
      found = decode(this.text.value.trim(), { complete: true });
    } catch {
      // The fields below show that nothing could be decoded.
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

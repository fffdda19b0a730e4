// A payload as text, and that text as bytes.

import { tandemError } from "../core/errors.js";
import { isBytes } from "../core/kinds.js";
import { TextDecoder, TextEncoder } from "../core/text.js";
import { withCode } from "../core/with-code.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of a payload: strings, numbers and bytes as they are, the rest as JSON. */
export function payloadText(payload: unknown): string {
  if (typeof payload === "string") return payload;
  if (typeof payload === "number") return String(payload);
  if (isBytes(payload)) return decoder.decode(payload);
  let text: string | undefined;
  try {
    text = JSON.stringify(payload) as string | undefined;
  } catch (error) {
    // A cycle, a BigInt, or more levels than the stack holds. An error that a `toJSON` throws is passed on as it is.
    const { name } = Object(error) as { name?: unknown };
    throw name === "TypeError" || name === "RangeError" ? withCode(error, "ERR_JWT_PAYLOAD") : error;
  }
  if (text === undefined)
    throw tandemError("ERR_JWT_PAYLOAD", 'Expected "payload" to be a plain object, a string or a Buffer.');
  return text;
}

/** The text as bytes. UTF-8 and latin1 work everywhere, Node's other encodings where its Buffer exists. */
export function payloadBytes(text: string, encoding = "utf8"): Uint8Array {
  const name = encoding.toLowerCase();
  if (name === "utf8" || name === "utf-8" || name === "") return encoder.encode(text);
  if (name === "latin1" || name === "binary")
    // Code units above 0xff lose their upper byte, as in Buffer's latin1.
    return Uint8Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  if (typeof Buffer !== "undefined") return Buffer.from(text, encoding);
  throw withCode(new TypeError(`Unknown encoding: ${encoding}`), "ERR_JWT_OPTIONS");
}

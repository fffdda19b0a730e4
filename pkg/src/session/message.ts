// Messages to the machine: values by name, so that no two of them can be taken for each other.

import { TextEncoder } from "../core/text.js";

/** The fields of a message. An undefined field is left out. */
export type Message = { readonly [field: string]: boolean | number | string | Uint8Array | undefined };

const NO = 0;
const YES = 1;
const NUMBER = 2;
const TEXT = 3;
const BYTES = 4;

const encoder = new TextEncoder();

/**
 * The bytes of a message. A field is the length of its name in a byte, the name, a tag and the value: a number as 8
 * bytes of a float, text and bytes behind their length in 4 bytes. `src/wasm/message.rs` reads them.
 */
export function encoded(message: Message): Uint8Array {
  // Own members only, in case the prototype of all objects was polluted.
  const fields = Object.entries(message);
  const out = new Uint8Array(fields.reduce((length, [name, value]) => length + sizeOf(name, value), 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const [name, value] of fields) {
    if (value === undefined) continue;
    out[at++] = name.length;
    for (let place = 0; place < name.length; place++) out[at++] = name.charCodeAt(place);
    switch (typeof value) {
      case "boolean":
        out[at++] = value ? YES : NO;
        break;
      case "number":
        out[at++] = NUMBER;
        view.setFloat64(at, value);
        at += 8;
        break;
      default: {
        const isText = typeof value === "string";
        out[at++] = isText ? TEXT : BYTES;
        const end = at + 4 + (isText ? writeText(value, out.subarray(at + 4)) : value.length);
        if (!isText) out.set(value, at + 4);
        view.setUint32(at, end - at - 4);
        at = end;
      }
    }
  }
  return out.subarray(0, at);
}

/** The most bytes that a field can take: a character of UTF-16 is three bytes of UTF-8 at most. */
function sizeOf(name: string, value: Message[string]): number {
  if (value === undefined) return 0;
  const size = typeof value === "string" ? 3 * value.length : typeof value === "object" ? value.length : 0;
  return 2 + name.length + 8 + size;
}

function writeText(text: string, out: Uint8Array): number {
  return encoder.encodeInto(text, out).written;
}

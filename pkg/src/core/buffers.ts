// The two buffers in linear memory: text and bytes in, text out, without generated glue.

import { tandemError } from "./errors.js";
import { core, generation, linearMemory } from "./instance.js";
import { TextDecoder, TextEncoder } from "./text.js";

/** The longest token, payload or key that crosses, in bytes. */
export const MAX_LENGTH = 8 * 1024 * 1024;

/** Inputs up to this length have an output that fits the fixed buffer. */
const SMALL = 12_000;

/** Set beside a length when the bytes are pure ASCII. */
const ASCII = 1 << 30;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

// Node's Buffer reads text from a view several times faster than TextDecoder.
const inNode = typeof Buffer !== "undefined" && typeof Buffer.prototype?.latin1Slice === "function";

let seen = 0;
let input = new Uint8Array(0);
let output: Uint8Array<ArrayBuffer> | NodeBuffer = input;
let grown = false;

/** Views die when memory grows, and with their instance. */
function views(): void {
  if (input.byteLength !== 0 && seen === generation()) return;
  const { fixed_len, output_at, reserve_input } = core();
  const length = fixed_len();
  const from = reserve_input(0);
  const to = output_at();
  const { buffer } = linearMemory();
  input = new Uint8Array(buffer as ArrayBuffer, from, length);
  output = view(to, length);
  seen = generation();
}

function view(at: number, length: number): Uint8Array<ArrayBuffer> | NodeBuffer {
  const buffer = linearMemory().buffer as ArrayBuffer;
  return inNode && Buffer ? Buffer.from(buffer, at, length) : new Uint8Array(buffer, at, length);
}

/** Writes text as UTF-8 to the input and returns its length in bytes. */
export function writeText(text: string): number {
  release();
  views();
  const { read, written } = encoder.encodeInto(text, input);
  if (read === text.length && written <= SMALL) return written;
  // UTF-8 takes at most three bytes for each UTF-16 unit. Text that may be too long is refused before it is copied.
  if (text.length > MAX_LENGTH) throw tooLarge();
  return writeBytes(encoder.encode(text));
}

/** Writes text to the input and returns its length, or -1 if a character of it is not ASCII. */
export function writeAscii(text: string): number {
  const length = writeText(text);
  if (length === text.length) return length;
  release();
  return -1;
}

/** Writes bytes to the input and returns their number. */
export function writeBytes(bytes: Uint8Array): number {
  release();
  views();
  const { length } = bytes;
  if (length <= SMALL) {
    input.set(bytes);
    return length;
  }
  if (length > MAX_LENGTH) throw tooLarge();
  const at = core().reserve_input(length);
  grown = true;
  new Uint8Array(linearMemory().buffer, at, length).set(bytes);
  return length;
}

/** Reads text of a length with its ASCII flag from the output. */
export function readText(lengthAndFlag: number): string {
  const length = lengthAndFlag & ~ASCII;
  const ascii = length !== lengthAndFlag;
  if (grown) return readGrown(length);
  views();
  if (inNode) {
    const node = output as NodeBuffer;
    return ascii ? node.latin1Slice(0, length) : node.utf8Slice(0, length);
  }
  return decoder.decode(output.subarray(0, length));
}

/** Reads a token of a length from the output. */
export function readAscii(length: number): string {
  return readText(length | ASCII);
}

function readGrown(length: number): string {
  const text = decoder.decode(new Uint8Array(linearMemory().buffer, core().output_at(), length));
  release();
  return text;
}

/** Frees grown buffers. A read or the next write frees them too, so this is for calls that failed. */
export function release(): void {
  if (!grown) return;
  grown = false;
  core().release_buffers();
}

function tooLarge(): Error {
  return tandemError("ERR_JWT_TOO_LARGE", "tokens, payloads and keys may be 8 MiB long, not longer");
}

// The two buffers in linear memory: text and bytes in, text out, without generated glue.

import { tandemError } from "./errors.js";
import { TextDecoder, TextEncoder } from "./text.js";

/** The longest token, payload or key that may cross the boundary, in bytes. */
export const MAX_LENGTH = 8 * 1024 * 1024;

/** Inputs up to this length produce an output that fits the fixed buffer. */
const SMALL = 12_000;

/** A flag in a returned length: the bytes are pure ASCII. */
const ASCII = 1 << 30;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

// Node's Buffer decodes text from a view several times faster than TextDecoder.
const inNode = typeof Buffer !== "undefined" && typeof Buffer.prototype?.latin1Slice === "function";

/** The instance that owns the buffers. */
interface Home {
  exports(): {
    fixed_len(): number;
    reserve_input(length: number): number;
    output_at(): number;
    release_buffers(): void;
  };
  memory(): WebAssembly.Memory;
  instanceNumber(): number;
}

/** The buffers of one instance. */
export class Buffers {
  readonly #home: Home;
  #seen = 0;
  #input = new Uint8Array(0);
  #output: Uint8Array<ArrayBuffer> | NodeBuffer = this.#input;
  #isGrown = false;

  constructor(home: Home) {
    this.#home = home;
  }

  /** Writes text as UTF-8 to the input and returns its length in bytes. */
  writeText(text: string): number {
    this.release();
    this.#look();
    // Written straight into linear memory: no intermediate copy, and the length comes for free.
    const { read, written } = encoder.encodeInto(text, this.#input);
    if (read === text.length && written <= SMALL) return written;
    // Encoding needs at most three bytes per character; text that is too long is refused before it is copied.
    if (text.length > MAX_LENGTH) throw tooLarge();
    return this.writeBytes(encoder.encode(text));
  }

  /** Writes text to the input and returns its length, or -1 if any character is not ASCII. */
  writeAscii(text: string): number {
    const length = this.writeText(text);
    if (length === text.length) return length;
    this.release();
    return -1;
  }

  /** Writes bytes to the input and returns their number. */
  writeBytes(bytes: Uint8Array): number {
    this.release();
    this.#look();
    const { length } = bytes;
    if (length <= SMALL) {
      this.#input.set(bytes);
      return length;
    }
    if (length > MAX_LENGTH) throw tooLarge();
    const at = this.#home.exports().reserve_input(length);
    // Growing may have detached every view, so this one is made after the call.
    this.#isGrown = true;
    new Uint8Array(this.#home.memory().buffer, at, length).set(bytes);
    return length;
  }

  /** Reads text from the output, given its length with the ASCII flag. */
  readText(lengthAndFlag: number): string {
    const length = lengthAndFlag & ~ASCII;
    const ascii = length !== lengthAndFlag;
    if (this.#isGrown) return this.#readGrown(length);
    this.#look();
    if (inNode) {
      const node = this.#output as NodeBuffer;
      return ascii ? node.latin1Slice(0, length) : node.utf8Slice(0, length);
    }
    return decoder.decode(this.#output.subarray(0, length));
  }

  /** Reads a token of the given length from the output. */
  readAscii(length: number): string {
    return this.readText(length | ASCII);
  }

  /** Frees grown buffers. Reads and the next write do so too; after a failed call this keeps memory small. */
  release(): void {
    if (!this.#isGrown) return;
    this.#isGrown = false;
    this.#home.exports().release_buffers();
  }

  /** Recreates the views if memory has grown or the instance was replaced. */
  #look(): void {
    const home = this.#home;
    // A view of memory that has grown is detached and has a length of 0.
    if (this.#input.byteLength !== 0 && this.#seen === home.instanceNumber()) return;
    const { fixed_len, output_at, reserve_input } = home.exports();
    const length = fixed_len();
    const from = reserve_input(0);
    const to = output_at();
    const buffer = home.memory().buffer as ArrayBuffer;
    this.#input = new Uint8Array(buffer, from, length);
    this.#output = inNode && Buffer ? Buffer.from(buffer, to, length) : new Uint8Array(buffer, to, length);
    this.#seen = home.instanceNumber();
  }

  #readGrown(length: number): string {
    const home = this.#home;
    const text = decoder.decode(new Uint8Array(home.memory().buffer, home.exports().output_at(), length));
    this.release();
    return text;
  }
}

function tooLarge(): Error {
  return tandemError("ERR_JWT_TOO_LARGE", "tokens, payloads and keys must not be longer than 8 MiB");
}

// TextEncoder and TextDecoder. Every host has both, but the jsdom of test runners hides them and leaves only Node's
// Buffer.

interface Encoding {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}

interface Decoding {
  decode(bytes?: Uint8Array): string;
}

class BufferEncoder implements Encoding {
  encode(text: string): Uint8Array<ArrayBuffer> {
    return Buffer!.from(text, "utf8");
  }

  encodeInto(text: string, into: Uint8Array): { read: number; written: number } {
    const bytes = this.encode(text);
    if (bytes.length > into.length) return { read: 0, written: 0 };
    into.set(bytes);
    return { read: text.length, written: bytes.length };
  }
}

class BufferDecoder implements Decoding {
  readonly #fatal: boolean;

  constructor(_label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }) {
    this.#fatal = options?.fatal === true;
  }

  decode(bytes?: Uint8Array): string {
    if (bytes === undefined) return "";
    const view = Buffer!.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
    const text = view.utf8Slice(0, view.length);
    // Bytes that are not UTF-8 decode to a replacement character, but a text may also contain that character itself.
    if (this.#fatal && text.includes("\ufffd") && !isSame(Buffer!.from(text, "utf8"), view)) {
      throw new TypeError("the bytes are not UTF-8");
    }
    return text;
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

type EncoderClass = new () => Encoding;
type DecoderClass = new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }) => Decoding;
const host = globalThis as { TextEncoder?: EncoderClass; TextDecoder?: DecoderClass };

export const TextEncoder: EncoderClass = host.TextEncoder ?? BufferEncoder;
export const TextDecoder: DecoderClass = host.TextDecoder ?? BufferDecoder;

// The parts of Node that are used if present; every use checks first.

/** A view with the fast decoders of Node's Buffer. */
interface NodeBuffer extends Uint8Array<ArrayBuffer> {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
  base64urlSlice(start: number, end: number): string;
}

declare const Buffer:
  | undefined
  | {
      readonly prototype?: Partial<NodeBuffer>;
      from(text: string, encoding: string): NodeBuffer;
      from(bytes: Uint8Array): NodeBuffer;
      from(buffer: ArrayBuffer, at: number, length: number): NodeBuffer;
      isBuffer(value: unknown): value is NodeBuffer;
    };

declare const process: undefined | { versions?: { node?: string } };

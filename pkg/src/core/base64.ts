// Base64 in both directions, using what every host has.

/** The characters of base64url, in the order of the six-bit values that they encode (RFC 4648 §5). */
export const BASE64URL_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * Decodes base64 or base64url, padded or not. The hosts' decoders are lenient, so callers check for canonical encoding
 * if it matters.
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  if (typeof Buffer !== "undefined") return Buffer.from(text, "base64");
  // A single trailing character carries fewer than eight bits, so it yields no byte.
  const even = text.length % 4 === 1 ? text.slice(0, -1) : text;
  const binary = atob(even.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Encodes to base64url without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  if (typeof Buffer !== "undefined" && typeof Buffer.prototype?.base64urlSlice === "function") {
    const view = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
    return view.base64urlSlice(0, view.length);
  }
  let binary = "";
  // Byte by byte: `String.fromCharCode(...bytes)` overflows the stack on large inputs.
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

import { decode } from "tandem-jwt/lite";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * Replaces one character of a part by the next one in the alphabet: the smallest possible change. The token stays
 * readable, so that only the signature reveals the change. Null if no character qualifies.
 */
export function tamperedWith(token: string, part: 0 | 1 | 2): { token: string; at: number } | null {
  const parts = token.split(".");
  const text = parts[part] ?? "";
  // The offset of the part in the token: after the preceding parts and their dots.
  const first = parts.slice(0, part).join(".").length + (part === 0 ? 0 : 1);
  // A random position, so that a second click makes a different change.
  const start = Math.floor(Math.random() * text.length);
  // Not the last character, because some of its bits are unused.
  for (let step = 0; step < text.length - 1; step += 1) {
    const at = first + ((start + step) % (text.length - 1));
    // A dot or a character outside the alphabet gives -1, so it becomes the first letter.
    const next = ALPHABET[(ALPHABET.indexOf(token.charAt(at)) + 1) % ALPHABET.length] ?? "A";
    const lie = token.slice(0, at) + next + token.slice(at + 1);
    if (isReadable(lie)) return { token: lie, at };
  }
  return null;
}

/** Whether header and payload can still be decoded. */
function isReadable(token: string): boolean {
  try {
    return decode(token, { complete: true }) !== null;
  } catch {
    return false;
  }
}

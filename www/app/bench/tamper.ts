import { decode } from "tandem-jwt/lite";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * One character of a part becomes the next in the alphabet: the smallest lie there is. One that still can be read, so
 * that nothing but the signature finds it out. Null where no character will do.
 */
export function tamperedWith(token: string, part: 0 | 1 | 2): { token: string; at: number } | null {
  const parts = token.split(".");
  const text = parts[part] ?? "";
  // Where the part begins in the token: after the parts before it and their dots.
  const first = parts.slice(0, part).join(".").length + (part === 0 ? 0 : 1);
  // Somewhere else each time, so that a second click is another lie.
  const start = Math.floor(Math.random() * text.length);
  // Not the last character, some of whose bits count for nothing.
  for (let step = 0; step < text.length - 1; step += 1) {
    const at = first + ((start + step) % (text.length - 1));
    // A dot or a character outside of the alphabet gives -1, and so becomes the first letter.
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

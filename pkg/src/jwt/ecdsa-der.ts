// Signatures of ECDSA in the two forms that they have: `r || s` in a JWS (RFC 7518 §3.4), and DER in OpenSSL.

const SEQUENCE = 0x30;
const INTEGER = 0x02;
/** The first length that takes two bytes in DER. */
const LONG = 0x80;

/** `r || s` as the DER sequence of two integers that OpenSSL reads (RFC 3279 section 2.2.3). */
export function derSignature(raw: Uint8Array, scalarLength: number): Uint8Array {
  const r = derInteger(raw.subarray(0, scalarLength));
  const s = derInteger(raw.subarray(scalarLength));
  // At most 138: the numbers of P-521 take 67 bytes with their sign, and each has a head of two.
  const length = r.length + s.length;
  const head = length < LONG ? [SEQUENCE, length] : [SEQUENCE, LONG | 1, length];
  const out = new Uint8Array(head.length + length);
  out.set(head);
  out.set(r, head.length);
  out.set(s, head.length + r.length);
  return out;
}

/** A number as a DER integer: without leading zeros, but for one that keeps it positive. */
function derInteger(number: Uint8Array): Uint8Array {
  let start = 0;
  // The last byte stays even if it is zero: DER writes zero as one byte.
  while (start < number.length - 1 && number[start] === 0) start += 1;
  const digits = number.subarray(start);
  // DER integers are signed, so a first byte of 0x80 or more needs a zero before it.
  const sign = digits[0]! >= LONG ? 1 : 0;
  const out = new Uint8Array(2 + sign + digits.length);
  out[0] = INTEGER;
  out[1] = sign + digits.length;
  out.set(digits, 2 + sign);
  return out;
}

/** The DER of a signature that the host has made, as `r || s` of full width. */
export function rawSignature(der: Uint8Array, scalarLength: number): Uint8Array {
  const out = new Uint8Array(2 * scalarLength);
  // The host has just made this DER, so its structure is not checked: a sequence of two short integers.
  let at = der[1]! < LONG ? 2 : 3;
  for (const end of [scalarLength, 2 * scalarLength]) {
    const length = der[at + 1]!;
    const number = der.subarray(at + 2, at + 2 + length);
    // Cuts the zero that keeps a number positive; shorter numbers are filled up with zeros on the left.
    const digits = number.subarray(Math.max(0, length - scalarLength));
    out.set(digits, end - digits.length);
    at += 2 + length;
  }
  return out;
}

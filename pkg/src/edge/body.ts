import { isError } from "../core/kinds.js";

/**
 * The whole body, or null when it is longer than `limit`: read as it comes, so that a lie about its length buys
 * nothing.
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer> | null> {
  if (Number(request.headers.get("content-length") ?? 0) > limit) return null;
  const whole = new Uint8Array(limit);
  let length = 0;
  if (request.body !== null) {
    const reader = request.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (length + value.byteLength > limit) {
        // Tells the host to stop receiving: the rest may be endless.
        await reader.cancel();
        return null;
      }
      whole.set(value, length);
      length += value.byteLength;
    }
  }
  return whole.slice(0, length);
}

/** The longest body of an endpoint: nothing that they take is longer. */
export const MAX_BODY = 16 * 1024;

/**
 * Whether a body is not what its type says, or what `cause` failed to parse. JSON must be an object: a sign-in reads
 * members.
 */
export async function isMalformed(
  cause: unknown,
  type: string | null,
  body: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const kind = type?.split(";", 1)[0]?.trim().toLowerCase();
  try {
    if (kind === "application/json") {
      const value: unknown = JSON.parse(new TextDecoder().decode(body));
      return typeof value !== "object" || value === null;
    }
    if (kind === "multipart/form-data") {
      await new Response(body, { headers: { "content-type": type ?? "" } }).formData();
      return false;
    }
  } catch {
    return true;
  }
  // A urlencoded form is not checked, since any text is one. There, what the reader of the body threw decides.
  return isError(cause) && cause.name === "SyntaxError";
}

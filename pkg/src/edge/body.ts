import { isError } from "../core/kinds.js";

/**
 * Reads the whole body, or returns null when it is longer than `limit`. The bytes are counted as they arrive, so a
 * false Content-Length gains nothing.
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
        // Tells the host to stop receiving: the rest of the body may never end.
        await reader.cancel();
        return null;
      }
      whole.set(value, length);
      length += value.byteLength;
    }
  }
  return whole.slice(0, length);
}

/** The longest body that any endpoint accepts. */
export const MAX_BODY = 16 * 1024;

/**
 * Whether a body does not match its content type, judged by `cause`, the error from parsing it. JSON must be an object,
 * because a sign-in reads its members.
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
  // Any text is a valid urlencoded form, so there is nothing to check. The error from the body's reader decides.
  return isError(cause) && cause.name === "SyntaxError";
}

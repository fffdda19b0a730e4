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

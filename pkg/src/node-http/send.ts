// An answer of ours, by the response of Node.

import { pour } from "./body.js";
import type { NodeResponse } from "./messages.js";

/**
 * Sends an answer of ours. Cookies are added to those that others have set; every other header replaces what was there.
 */
export async function send(answer: Response, response: NodeResponse): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) {
    if (name !== "set-cookie") response.setHeader(name, value);
  }
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) {
    const before = response.getHeaders()["set-cookie"] ?? [];
    response.setHeader("set-cookie", [...(Array.isArray(before) ? before : [String(before)]), ...cookies]);
  }
  if (answer.body !== null) {
    // The headers leave at once: an event stream may have no data for a while.
    response.flushHeaders?.();
    try {
      if (!(await pour(answer.body, response))) return;
    } catch {
      // The origin broke off, so this response must break off too: a regular end would make half a body look whole.
      response.destroy();
      return;
    }
  }
  response.end();
}

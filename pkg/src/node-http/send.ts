// Sends one of our responses through Node's response object.

import { pour } from "./body.js";
import type { NodeResponse } from "./messages.js";

/** Sends one of our responses. Cookies are added to those already set; any other header replaces an existing one. */
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
    // The headers are sent at once: an event stream may have no data for a while.
    response.flushHeaders?.();
    try {
      if (!(await pour(answer.body, response))) return;
    } catch {
      // The origin broke off, so this response must break off too: ending normally would make a partial body look
      // complete.
      response.destroy();
      return;
    }
  }
  response.end();
}

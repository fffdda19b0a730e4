// An answer of ours, by the response of Node.

import { pour } from "./body.js";
import type { NodeResponse } from "./messages.js";

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
    // An event stream may have nothing to say for a while.
    response.flushHeaders?.();
    try {
      if (!(await pour(answer.body, response))) return;
    } catch {
      // The origin broke off, and so must this: an end would make the half look whole.
      response.destroy();
      return;
    }
  }
  response.end();
}

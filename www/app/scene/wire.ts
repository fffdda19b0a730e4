/** How the scene asks the Worker: with bearer tokens, so that it can hold them itself and lose an answer on purpose. */
import { PACE, REPORT, type Report } from "../../report.js";

/** The tokens of an answer, and what the edge reported. */
export interface Given {
  readonly report: Report;
  /** The refresh token in the answer. */
  readonly refresh: string | null;
}

/** Both reject if the Worker does not answer or reports nothing: without a report there is nothing to tell. */
export interface Wire {
  signIn(): Promise<Given>;
  refresh(token: string): Promise<Given>;
}

/** `headers` are those that a browser would add, for programs outside a browser. */
export function wireTo(base: string, headers: Record<string, string> = {}): Wire {
  async function ask(path: string, type: string, body: string): Promise<Given> {
    const response = await fetch(`${base}${path}`, {
      method: "POST",
      // Separate from the visitor's own session.
      credentials: "omit",
      headers: { "content-type": type, [PACE]: "scene", ...headers },
      body,
    });
    // Even for a refusal: the scene is about the report, whatever the status.
    const said = response.headers.get(REPORT);
    if (said === null) throw new Error("the Worker reported nothing");
    const given = (await response.json()) as { refresh_token?: string };
    return { report: JSON.parse(said) as Report, refresh: given.refresh_token ?? null };
  }
  // A separate user, so that the scene never touches the visitor's sessions.
  const person = { username: "grace", password: "hopper", transport: "bearer", pace: "scene" };
  return {
    signIn: () => ask("/auth/login", "application/json", JSON.stringify(person)),
    // The token endpoint (RFC 6749 §6), which takes a form and ignores cookies.
    refresh: (token) =>
      ask(
        "/auth/token",
        "application/x-www-form-urlencoded",
        String(new URLSearchParams({ grant_type: "refresh_token", refresh_token: token })),
      ),
  };
}

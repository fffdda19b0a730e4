/** How the scene asks the Worker: by bearer, so that it holds its tokens itself and can lose an answer on purpose. */
import { PACE, REPORT, type Report } from "../../report.js";

/** What an answer gave, and what the edge says that it did. */
export interface Given {
  readonly report: Report;
  /** The refresh token in the answer. */
  readonly refresh: string | null;
}

/** Both reject where the Worker does not answer or reports nothing: without a report nothing can be told. */
export interface Wire {
  signIn(): Promise<Given>;
  refresh(token: string): Promise<Given>;
}

/** `headers` are those that a browser would add by itself, for a program outside of one. */
export function wireTo(base: string, headers: Record<string, string> = {}): Wire {
  async function ask(path: string, type: string, body: string): Promise<Given> {
    const response = await fetch(`${base}${path}`, {
      method: "POST",
      // The visitor's own session is another one.
      credentials: "omit",
      headers: { "content-type": type, [PACE]: "scene", ...headers },
      body,
    });
    // Also with a refusal: the report is what the scene is about, whatever the status.
    const said = response.headers.get(REPORT);
    if (said === null) throw new Error("the Worker reported nothing");
    const given = (await response.json()) as { refresh_token?: string };
    return { report: JSON.parse(said) as Report, refresh: given.refresh_token ?? null };
  }
  // A person of its own, so that the scene never touches a session of the visitor's user.
  const person = { username: "grace", password: "hopper", transport: "bearer", pace: "scene" };
  return {
    signIn: () => ask("/auth/login", "application/json", JSON.stringify(person)),
    // The token endpoint (RFC 6749 §6), which takes a form and looks at no cookie.
    refresh: (token) =>
      ask(
        "/auth/token",
        "application/x-www-form-urlencoded",
        String(new URLSearchParams({ grant_type: "refresh_token", refresh_token: token })),
      ),
  };
}

/** How the scene asks the Worker: by bearer, so that it holds its tokens itself and can lose an answer on purpose. */
import { PACE, REPORT, type Report } from "../../report.js";

export interface Given {
  readonly report: Report;
  /** The refresh token in the answer. */
  readonly refresh: string | null;
}

export interface Wire {
  signIn(): Promise<Given>;
  refresh(token: string): Promise<Given>;
}

/** `headers` are those that a browser adds by itself, for a program that is none. */
export function wireTo(base: string, headers: Record<string, string> = {}): Wire {
  async function ask(path: string, type: string, body: string): Promise<Given> {
    const response = await fetch(`${base}${path}`, {
      method: "POST",
      // The visitor's own session is another one.
      credentials: "omit",
      headers: { "content-type": type, [PACE]: "scene", ...headers },
      body,
    });
    const said = response.headers.get(REPORT);
    if (said === null) throw new Error("the Worker reported nothing");
    const given = (await response.json()) as { refresh_token?: string };
    return { report: JSON.parse(said) as Report, refresh: given.refresh_token ?? null };
  }
  const person = { username: "grace", password: "hopper", transport: "bearer", pace: "scene" };
  return {
    signIn: () => ask("/auth/login", "application/json", JSON.stringify(person)),
    refresh: (token) =>
      ask(
        "/auth/token",
        "application/x-www-form-urlencoded",
        String(new URLSearchParams({ grant_type: "refresh_token", refresh_token: token })),
      ),
  };
}

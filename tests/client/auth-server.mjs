/**
 * An authorization server on loopback: sessions of this package behind a token endpoint, a revocation endpoint and one
 * API. `hooks.token` may hold or lose answers.
 */
import { createServer } from "node:http";
import { createSessions, memoryStore } from "tandem-jwt/session";

export async function startAuthServer({ accessTtl = "5m", grace = "20s", dpop, page } = {}) {
  const events = [];
  const refreshes = [];
  /** What the API answered. */
  const calls = [];
  const hooks = {};
  const server = createServer((request, response) => {
    answer(given, request, response).catch((error) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const sessions = createSessions({
    issuer: url,
    audience: url,
    clientId: "cli",
    keys: { access: "an access secret of thirty-two bytes", refresh: "another secret, of thirty-two bytes too" },
    store: memoryStore(),
    accessTtl,
    grace,
    jitter: 0,
    ...(dpop ? { dpop } : {}),
    on: (event) => events.push(event.type),
  });
  const given = { url, sessions, dpop, page, hooks, refreshes, calls };

  return {
    url,
    sessions,
    events,
    refreshes,
    calls,
    hooks,
    signIn: async () => {
      const { access, refresh } = await sessions.issue({ sub: "ada" });
      return { access, refresh };
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers the endpoints and the API. */
async function answer(given, request, response) {
  const { url, sessions, dpop, page, hooks, refreshes, calls } = given;
  const { pathname } = new URL(request.url, url);
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const form = new URLSearchParams(Buffer.concat(chunks).toString());
  const proof = dpop
    ? { proof: request.headers.dpop ?? null, method: request.method, url: `${url}${pathname}` }
    : undefined;
  const send = (status, body, headers = {}) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  if (pathname === "/" && page) return response.writeHead(200, { "content-type": "text/html" }).end(page());
  if (pathname === "/auth/token") {
    refreshes.push(form.get("refresh_token"));
    const pair = await sessions.refresh(form.get("refresh_token") ?? "", proof ? { dpop: proof } : {});
    if ((await hooks.token?.(refreshes.length, response)) === "lost") return response.destroy();
    if (!pair.ok) {
      const nonce = pair.dpopNonce === undefined ? {} : { "dpop-nonce": pair.dpopNonce };
      return send(pair.error === "temporarily_unavailable" ? 503 : 400, { error: pair.error }, nonce);
    }
    return send(200, {
      access_token: pair.access,
      token_type: pair.tokenType,
      expires_in: pair.expiresIn,
      ...(pair.refreshChanged ? { refresh_token: pair.refresh } : {}),
    });
  }
  if (pathname === "/auth/sign-in") {
    const pair = await sessions.issue({ sub: "ada", ...(proof ? { dpop: proof } : {}) }).catch((error) => error);
    if (pair.code !== "ERR_DPOP_NONCE") return send(200, { access: pair.access, refresh: pair.refresh });
    return send(400, { error: "use_dpop_nonce" }, { "dpop-nonce": sessions.dpopNonce() });
  }
  if (pathname === "/auth/revoke") {
    await sessions.revoke(form.get("token") ?? "");
    return send(200, {});
  }
  const [scheme, token = ""] = (request.headers.authorization ?? "").split(" ");
  const checked = await sessions.verify(token, proof ? { dpop: proof } : {});
  const isLetIn = checked.ok && scheme === (dpop ? "DPoP" : "Bearer");
  calls.push(isLetIn ? 200 : 401);
  if (isLetIn) return send(200, { sub: checked.claims.sub });
  const nonce = checked.dpopNonce === undefined ? {} : { "dpop-nonce": checked.dpopNonce };
  return send(401, { error: checked.error ?? "invalid_token" }, nonce);
}

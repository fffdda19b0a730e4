/** An edge in Node, an origin behind it, and clients that send exactly what a test says. */
import { createServer, request as send } from "node:http";
import { edgeAuth } from "tandem-jwt/edge";
import { memoryStore } from "tandem-jwt/session";

export const SITE = "https://app.example";
const SECRET = "an access key for tests, of 32 bytes or more";

/** Listens on loopback, and closes when the test is over. */
export async function listen(t, server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections?.();
    server.close();
  });
  return server.address().port;
}

export function edge(options = {}) {
  const store = memoryStore();
  return edgeAuth({
    origin: SITE,
    store: () => store,
    keys: () => ({ access: SECRET }),
    authenticate: async (request) => ({ sub: (await request.json()).username }),
    routes: { "/*": { optional: true }, "/account/*": {} },
    ...options,
  });
}

/** A request with only the given contents. Resolves with the status, the headers and the text. */
export function ask(port, path, { method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const asked = send({ port, host: "127.0.0.1", path, method, headers, agent: false }, async (answer) => {
      const chunks = [];
      try {
        for await (const chunk of answer) chunks.push(chunk);
      } catch (error) {
        return reject(error);
      }
      const bytes = Buffer.concat(chunks);
      resolve({ status: answer.statusCode, headers: answer.headers, bytes, text: bytes.toString() });
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

/** Signs in, and resolves with the Cookie header for later requests. */
export async function signIn(port, headers = {}) {
  const { status, headers: answered } = await ask(port, "/auth/login", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: '{"username":"ada","password":"right"}',
  });
  if (status !== 200) throw new Error(`the sign-in was answered ${status}`);
  return cookieOf(answered["set-cookie"]);
}

export const cookieOf = (lines) => lines.map((line) => line.split(";", 1)[0]).join("; ");

/** An origin that reports what it received. */
export const echo = () =>
  createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { method, url, headers } = request;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ method, url, headers, body }));
  });

/** A proof of possession for a POST (RFC 9449 §4.2). */
export async function proof(keys, htu, now, nonce) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", keys.publicKey);
  const header = { typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } };
  const payload = { htm: "POST", htu, jti: crypto.randomUUID(), iat: now, nonce };
  const text = `${encode(header)}.${encode(payload)}`;
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  const signature = await crypto.subtle.sign(algorithm, keys.privateKey, Buffer.from(text));
  return `${text}.${Buffer.from(signature).toString("base64url")}`;
}

/** The Authorization header of a client with a secret (RFC 6749 §2.3.1). */
export const basic = (id, secret) =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`;

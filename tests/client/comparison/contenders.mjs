// The clients that are compared: each has a page, and a server of its own behind it.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { edgeAuth } from "tandem-jwt/edge";
import { toNodeHandler } from "tandem-jwt/node";
import { memoryStore } from "tandem-jwt/session";

export const EMAIL = "ada@example.com";
export const PASSWORD = "lovelace, and longer";

export const CONTENDERS = [
  {
    name: "tandem-jwt",
    /** What asks whether there is a session yet. */
    asks: "/auth/refresh",
    /** Another tab's refresh, in its page. */
    refresh: "session.refresh()",
    serve: (origin) => {
      const store = memoryStore();
      const edge = edgeAuth({
        origin,
        store: () => store,
        keys: () => ({ access: "an access key for the comparison, of 32 bytes or more" }),
        authenticate: async (request) => {
          const { email, password } = await request.json();
          return email === EMAIL && password === PASSWORD ? { sub: email, claims: { name: "Ada" } } : null;
        },
        companion: ["name"],
        routes: { "/*": { optional: true }, "/api/*": {} },
      });
      return toNodeHandler(edge);
    },
  },
  {
    name: "better-auth",
    asks: "/api/auth/get-session",
    refresh: "auth.useSession.get().refetch()",
    serve: async (origin) => {
      const { betterAuth } = await import("better-auth");
      const { memoryAdapter } = await import("better-auth/adapters/memory");
      const { toNodeHandler: toHandler } = await import("better-auth/node");
      const auth = betterAuth({
        baseURL: origin,
        secret: "a secret for the comparison, of 32 bytes or more",
        database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
        emailAndPassword: { enabled: true },
        telemetry: { enabled: false },
      });
      await auth.api.signUpEmail({ body: { email: EMAIL, password: PASSWORD, name: "Ada" } });
      const handler = toHandler(auth);
      return async (request, response, next) => {
        if (request.url.startsWith("/api/auth/")) return handler(request, response);
        const session = await auth.api.getSession({ headers: new Headers({ cookie: request.headers.cookie ?? "" }) });
        return session === null ? response.writeHead(401).end() : next();
      };
    },
  },
];

/** A server whose handler is made when its public origin is known. */
export async function startServer(serve) {
  let handler;
  const next = (_, response) => response.writeHead(200, { "content-type": "application/json" }).end("[]");
  const server = createServer((request, response) => handler(request, response, () => next(request, response)));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    open: async (origin) => {
      handler = await serve(origin);
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const fileOf = (name) => fileURLToPath(new URL(`pages/${name}.js`, import.meta.url));

/** The page of a contender as one script; with `refresh`, what its own code may call is there for the cases too. */
export async function bundlePage(name, refresh) {
  const source = readFileSync(fileOf(name), "utf8");
  const contents = refresh === undefined ? source : `${source}\nexport const refresh = () => ${refresh};\n`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL("pages", import.meta.url)) },
    bundle: true,
    minify: true,
    format: refresh === undefined ? "esm" : "iife",
    globalName: refresh === undefined ? undefined : "page",
    target: "es2022",
    conditions: ["browser"],
    write: false,
  });
  return outputFiles[0].text;
}

/** The lines of a page's own code, and the bytes of its whole script. */
export async function weigh(name) {
  const lines = readFileSync(fileOf(name), "utf8").split("\n");
  return {
    lines: lines.filter((line) => line.trim() !== "").length,
    bytes: gzipSync(await bundlePage(name), { level: 9 }).length,
  };
}

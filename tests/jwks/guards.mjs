/** The same API under several guards. Each answers /me with the subject of the token, or with a status. */

import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import express from "express";
import { expressjwt } from "express-jwt";
import { Hono } from "hono";
import { Miniflare, Response } from "miniflare";
import { Passport } from "passport";
import { ExtractJwt, Strategy } from "passport-jwt";
import { edgeAuth, protect } from "tandem-jwt/edge";
import { forExpressJwt, forPassportJwt } from "tandem-jwt/jwks";
import { toNodeGuard, toNodeHandler } from "tandem-jwt/node";
import { memoryStore } from "tandem-jwt/session";
import { bundleWorker } from "../../www/build.mjs";

const FENCE = "```";
const root = path.join(import.meta.dirname, "../..");
const showing = ({ headers }) => new Response(headers.get("authorization") ?? "a stranger");
const bearer = (token) => ({ headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
const statusOf = (error) => (error.code === "ERR_KEYS_UNAVAILABLE" ? 503 : (error.status ?? 401));

export function hono({ keys, audience, now }) {
  const guard = protect({ issuer: keys, algorithms: ["RS256"], audience, requiredTyp: "at+jwt", now });
  const app = new Hono();
  app.use("/me", async (context, next) => {
    const { response, claims } = await guard(context.req.raw, { scope: "read" });
    if (response) return response;
    context.set("claims", claims);
    return next();
  });
  app.get("/me", (context) => context.json({ sub: context.get("claims").sub }));
  return (token) => app.request("/me", bearer(token));
}

const ours = ({ keys, audience }) => ({ issuer: keys, algorithms: ["RS256"], audience, requiredTyp: "at+jwt" });

/** `protect` in Express. */
export function byProtect(t, api) {
  const app = express();
  const guard = protect({ ...ours(api), now: api.now });
  app.get("/me", toNodeGuard(guard, { scope: "read" }), (request, response) =>
    response.json({ sub: request.auth.sub }),
  );
  return listening(t, app);
}

/** The edge in front of Express. */
export function byEdge(t, api) {
  const app = express();
  const routes = { "/me": { scope: "read", tokensOf: ours(api) } };
  app.use(toNodeHandler(edgeAuth({ origin: "https://api.example", routes, now: api.now })));
  app.get("/me", (request, response) => response.json({ sub: request.auth.sub }));
  return listening(t, app);
}

/** Express on loopback, which takes tokens that are bound to a key; and the headers of each request that it got. */
async function bound(t, mount) {
  const app = express();
  const seen = [];
  app.use((request, _, next) => {
    seen.push(request.headers);
    next();
  });
  const address = await listens(t, app);
  mount(app, address);
  app.get("/me", (request, response) => response.json({ sub: request.auth.sub }));
  return { url: `${address}/me`, seen };
}

export const byBoundProtect = (t, api) =>
  bound(t, (app, origin) => app.use(toNodeGuard(protect({ ...ours(api), dpop: { store: memoryStore(), origin } }))));

export const byBoundEdge = (t, api) =>
  bound(t, (app, origin) => {
    const tokensOf = { ...ours(api), dpop: { store: memoryStore() } };
    app.use(toNodeHandler(edgeAuth({ origin, routes: { "/me": { tokensOf } } })));
  });

async function listens(t, app) {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

async function listening(t, app) {
  const address = await listens(t, app);
  return (token) => fetch(`${address}/me`, bearer(token));
}

/** express-jwt and npm jsonwebtoken, with our keys. */
export function byExpress(t, { keys, issuer, audience, now }) {
  const app = express();
  app.use((request, response, next) => {
    const options = { secret: forExpressJwt(keys), algorithms: ["RS256"], issuer, audience, clockTimestamp: now() };
    return expressjwt(options)(request, response, next);
  });
  app.get("/me", (request, response) => response.json({ sub: request.auth.sub }));
  app.use((error, _request, response, _next) => response.status(statusOf(error)).json({}));
  return listening(t, app);
}

/** passport-jwt and npm jsonwebtoken, with our keys. */
export function byPassport(t, { keys, issuer, audience, now }) {
  const app = express();
  app.get("/me", (request, response, next) => {
    const passport = new Passport();
    const options = {
      secretOrKeyProvider: forPassportJwt(keys),
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      algorithms: ["RS256"],
      issuer,
      audience,
      jsonWebTokenOptions: { clockTimestamp: now() },
    };
    passport.use(new Strategy(options, (claims, done) => done(null, claims)));
    const decided = (error, user, info) => {
      if (error) return next(error);
      return user ? response.json({ sub: user.sub }) : response.status(statusOf(info ?? {})).json({});
    };
    return passport.authenticate("jwt", { session: false }, decided)(request, response, next);
  });
  app.use((error, _request, response, _next) => response.status(statusOf(error)).json({}));
  return listening(t, app);
}

/** A Worker of docs/edge.md in workerd, with the address of an issuer on loopback, in front of an API that shows its token. */
export async function byDocs(t, name, issuer) {
  const docs = readFileSync(path.join(root, "docs/edge.md"), "utf8");
  const code = docs.split(`${FENCE}ts ${name}\n`)[1].split(FENCE)[0];
  // Below the checkout, so that the package is found.
  const target = path.join(root, "target");
  mkdirSync(target, { recursive: true });
  const folder = mkdtempSync(path.join(target, "edge-worker-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const entry = path.join(folder, "worker.ts");
  writeFileSync(entry, code.replace("https://id.example/", issuer));
  const mf = new Miniflare({
    cf: false,
    modules: await bundleWorker(entry),
    compatibilityDate: "2026-04-01",
    serviceBindings: { API: showing },
  });
  t.after(() => mf.dispose());
  return (at, token) => mf.dispatchFetch(`https://api.example${at}`, bearer(token));
}

/** A Worker of the fixtures in workerd, on the host's own clock: it asks the issuer by itself. */
async function startWorker(t, name, { issuer, audience }) {
  const mf = new Miniflare({
    cf: false,
    host: "127.0.0.1",
    modules: await bundleWorker(path.join(import.meta.dirname, "fixtures", name)),
    compatibilityDate: "2026-04-01",
    bindings: { ISSUER: issuer, AUDIENCE: audience },
  });
  t.after(() => mf.dispose());
  return mf;
}

export async function byWorker(t, name, api) {
  const mf = await startWorker(t, name, api);
  return (token) => mf.dispatchFetch("https://api.example/me", bearer(token));
}

/** The address of the same, for clients that prove their key for it. */
export async function boundWorker(t, name, api) {
  const mf = await startWorker(t, name, api);
  return new URL("/me", await mf.ready).href;
}

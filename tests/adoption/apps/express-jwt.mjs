import express from "express";
import { expressjwt } from "express-jwt";
import jwt from "jsonwebtoken";

import { seen } from "./seen.mjs";

export function start(secret) {
  const app = express();
  app.post("/login", (_, response) => response.json({ token: jwt.sign({ sub: "ada" }, secret, { expiresIn: "15m" }) }));
  app.get("/me", expressjwt({ secret, algorithms: ["HS256"] }), (request, response) => response.json(request.auth));
  // The middleware wraps what verify threw.
  app.use((error, _request, response, _next) => response.status(401).json(seen(error.inner)));
  return app.listen(0, "127.0.0.1");
}

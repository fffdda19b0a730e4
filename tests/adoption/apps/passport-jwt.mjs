import express from "express";
import jwt from "jsonwebtoken";
import { Passport } from "passport";
import { ExtractJwt, Strategy } from "passport-jwt";

import { seen } from "./seen.mjs";

export function start(secret) {
  const passport = new Passport();
  const options = { secretOrKey: secret, jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken() };
  passport.use(new Strategy(options, (claims, done) => done(null, claims)));
  const app = express();
  app.post("/login", (_, response) => response.json({ token: jwt.sign({ sub: "ada" }, secret, { expiresIn: "15m" }) }));
  app.get("/me", (request, response, next) => {
    const decided = (error, user, info) => {
      if (error) return next(error);
      return user ? response.json(user) : response.status(401).json(seen(info));
    };
    passport.authenticate("jwt", { session: false }, decided)(request, response, next);
  });
  return app.listen(0, "127.0.0.1");
}

import jwt from "jsonwebtoken";
import Koa from "koa";
import guard from "koa-jwt";

import { seen } from "./seen.mjs";

export function start(secret) {
  const app = new Koa();
  app.use(async (context, next) => {
    try {
      await next();
    } catch (error) {
      context.status = error.status;
      context.body = seen(error.originalError);
    }
  });
  app.use(async (context, next) => {
    if (context.method !== "POST") return next();
    context.body = { token: jwt.sign({ sub: "ada" }, secret, { expiresIn: "15m" }) };
  });
  app.use(guard({ secret }));
  app.use((context) => {
    context.body = context.state.user;
  });
  return app.listen(0, "127.0.0.1");
}

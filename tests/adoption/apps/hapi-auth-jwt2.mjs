import Hapi from "@hapi/hapi";
import guard from "hapi-auth-jwt2";
import jwt from "jsonwebtoken";

import { seen } from "./seen.mjs";

export async function start(secret) {
  const server = Hapi.server({ port: 0, host: "127.0.0.1" });
  await server.register(guard);
  server.auth.strategy("jwt", "jwt", {
    key: secret,
    verifyOptions: { algorithms: ["HS256"] },
    validate: () => ({ isValid: true }),
    // The scheme answers with the message alone, so the test sees the error through it.
    errorFunc: (context) => ({ ...context, message: JSON.stringify(seen(context.error)) }),
  });
  const login = () => ({ token: jwt.sign({ sub: "ada" }, secret, { expiresIn: "15m" }) });
  server.route({ method: "POST", path: "/login", handler: login });
  server.route({
    method: "GET",
    path: "/me",
    options: { auth: "jwt" },
    handler: (request) => request.auth.credentials,
  });
  server.ext("onPreResponse", (request, h) => {
    const { response } = request;
    return response.isBoom ? h.response(response.message).type("application/json").code(401) : h.continue;
  });
  await server.start();
  return server.listener;
}

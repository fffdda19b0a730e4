// Decorators are called as the functions that they are: the program runs without a compiler.

import "reflect-metadata";
import { Catch, Controller, Get, Inject, Module, Post, Req } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { JwtModule, JwtService } from "@nestjs/jwt";

import { seen } from "./seen.mjs";

class Accounts {
  constructor(jwt) {
    this.jwt = jwt;
  }
  async login() {
    return { token: await this.jwt.signAsync({ sub: "ada" }) };
  }
  me(request) {
    return this.jwt.verifyAsync(request.headers.authorization.slice("Bearer ".length));
  }
}
Inject(JwtService)(Accounts, undefined, 0);
Req()(Accounts.prototype, "me", 0);
for (const [name, route] of Object.entries({ login: Post("login"), me: Get("me") }))
  route(Accounts.prototype, name, Object.getOwnPropertyDescriptor(Accounts.prototype, name));
Controller()(Accounts);

class Refusals {
  catch(error, host) {
    host.switchToHttp().getResponse().status(401).json(seen(error));
  }
}
Catch()(Refusals);

export async function start(secret) {
  class App {}
  const jwt = JwtModule.register({ secret, signOptions: { expiresIn: "15m" } });
  Module({ imports: [jwt], controllers: [Accounts] })(App);
  const app = await NestFactory.create(App, { logger: ["error"] });
  app.useGlobalFilters(new Refusals());
  return app.listen(0, "127.0.0.1");
}

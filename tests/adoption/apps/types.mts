// An application's code in TypeScript: what the middleware declares by the types of jsonwebtoken, and what it takes.

import { JwtService, type JwtSignOptions } from "@nestjs/jwt";
import { type Request as Authenticated, expressjwt, UnauthorizedError } from "express-jwt";
import jwt, { JsonWebTokenError, TokenExpiredError } from "jsonwebtoken";
import jwksClient, { type SigningKey } from "jwks-rsa";
import koaJwt from "koa-jwt";
import { ExtractJwt, Strategy, type StrategyOptions } from "passport-jwt";

const client = jwksClient({ jwksUri: "https://id.example/jwks" });
const findKey: jwt.GetPublicKeyOrSecret = (header, done) =>
  client.getSigningKey(header.kid, (error: Error | null, key?: SigningKey) => done(error, key?.getPublicKey()));
jwt.verify("token", findKey, { algorithms: ["RS256"] }, (error, claims) => {
  if (error instanceof TokenExpiredError) console.log(error.expiredAt.getTime(), claims);
});

expressjwt({
  secret: "secret",
  algorithms: ["HS256"],
  isRevoked: async (_request, token) => typeof token?.payload === "object" && token.payload.jti === "revoked",
});
declare const request: Authenticated<{ role: string }>;
const role: string | undefined = request.auth?.role;
const wrapped = new UnauthorizedError("invalid_token", new JsonWebTokenError("jwt malformed"));

const options: StrategyOptions = {
  secretOrKey: "secret",
  jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
  algorithms: ["HS256"],
  jsonWebTokenOptions: { clockTolerance: 5 },
};
new Strategy(options, (payload: jwt.JwtPayload, done: (error: null, sub?: string) => void) => done(null, payload.sub));

koaJwt({ secret: "secret", audience: "api" });

const signOptions: JwtSignOptions = { expiresIn: "15m" };
const service = new JwtService({ secret: "secret", signOptions });
const claims: jwt.JwtPayload = await service.verifyAsync<jwt.JwtPayload>(await service.signAsync({ sub: "ada" }));
console.log(role, wrapped.status, claims.sub);

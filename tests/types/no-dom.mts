// A program for Node, without the types of browsers and with every declaration checked.

import jwt, { type JwtPayload, TokenExpiredError, verifyAsync } from "tandem-jwt";
import { decode } from "tandem-jwt/decode";
import { sign as signLite } from "tandem-jwt/lite";
import { type Mountable, type NodeHandler, toNodeHandler } from "tandem-jwt/node";
import { createSessions, memoryStore, newerRefresh } from "tandem-jwt/session";

const token = jwt.sign({ sub: "ada" }, "secret");
const payload = jwt.verify(token, "secret") as JwtPayload;
const sub: string | undefined = payload.sub;
const expired: Error = new TokenExpiredError("jwt expired", new Date(0));
const sessions = createSessions({
  issuer: "https://id.example",
  audience: "https://api.example",
  clientId: "web",
  keys: { access: "a secret of at least thirty-two bytes" },
  store: memoryStore(),
});
const pair = await sessions.issue({ sub: "ada" });
const kept: string = newerRefresh(null, pair.refresh);
declare const edge: Mountable<{ KEY: string }>;
const handler: NodeHandler = toNodeHandler(edge, { env: { KEY: "k" }, trustProxy: 1 });
void [handler, sub, expired, kept, decode(token), verifyAsync(token, "secret"), signLite({}, "secret")];

// The types of claims: by a type argument, or from a schema.

import jwt, { createVerifier, type StandardSchema, verify, verifyAsync } from "tandem-jwt";
import type { SchemaIssue, Sessions } from "tandem-jwt/session";

interface Claims {
  sub: string;
  role: "admin" | "user";
}
declare const schema: StandardSchema<Claims>;
declare function expectType<T>(value: T): void;

const byArgument = verify<Claims>("token", "secret");
expectType<"admin" | "user">(byArgument.role);
expectType<number | undefined>(byArgument.exp);
expectType<Claims>(await verifyAsync<Claims>("token", "secret", { issuer: "i" }));

const bySchema = jwt.verify("token", "secret", { schema, algorithms: ["HS256"] });
expectType<Claims>(bySchema);
// @ts-expect-error: the schema knows no such claim
bySchema.other;
expectType<Claims>(jwt.verify("token", "secret", { schema, complete: true }).payload);
expectType<Claims>(await verifyAsync("token", "secret", { schema }));
expectType<Claims>((await verifyAsync("token", "secret", { schema, complete: true })).payload);
expectType<(token: string) => Claims>(createVerifier("secret", { schema }));

// What has neither is as it was.
const plain = verify("token", "secret");
expectType<string | jwt.JwtPayload>(plain);
// @ts-expect-error: it may be text
plain.role;

// The claims of a session.
declare const sessions: Sessions;
const session = await sessions.verify("token", { schema, scope: "read" });
if (session.ok) {
  expectType<Claims>(session.claims);
  // @ts-expect-error: the schema knows no such claim
  session.claims.sid;
} else {
  expectType<readonly SchemaIssue[] | undefined>(session.issues);
}
const unshaped = await sessions.verify("token", { scope: "read" });
if (unshaped.ok) expectType<string>(unshaped.claims.sid);

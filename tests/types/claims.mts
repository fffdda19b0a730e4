// The types of claims: by a type argument, or from a schema.

import jwt, { createVerifier, type StandardSchema, verify, verifyAsync } from "tandem-jwt";

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

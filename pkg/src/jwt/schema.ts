// Payloads validated by the caller's schema, of any library that implements Standard Schema
// (https://standardschema.dev).

import { JsonWebTokenError, jwtError } from "../core/errors.js";

/** A schema of zod, valibot, arktype or another library, by the interface that they share (Standard Schema 1). */
export interface StandardSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/** The result of a schema: the value it made, or what is wrong. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong, and where. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The type that a schema gives a payload. */
export type SchemaOutput<Schema extends StandardSchema> = NonNullable<Schema["~standard"]["types"]>["output"];

/**
 * A payload that does not fit the schema, `ERR_JWT_SCHEMA`. The issues may quote the payload, so its message does not.
 */
export interface SchemaError extends JsonWebTokenError {
  readonly issues: readonly SchemaIssue[];
}

/** Throws for an option that is not a schema. */
export function checkSchema(schema: unknown): asserts schema is StandardSchema {
  const standard = Object(schema)["~standard"] as Partial<StandardSchema["~standard"]> | undefined;
  if (typeof standard?.validate === "function" && standard.version === 1) return;
  throw jwtError("schema must be a Standard Schema, such as one of zod, valibot or arktype", "ERR_JWT_OPTIONS");
}

/**
 * The schema's output, or the payload where there is no schema. Throws for a payload that does not fit, and for an
 * async schema.
 */
export function fitted<Payload>(schema: StandardSchema | undefined, payload: Payload): Payload {
  if (schema === undefined) return payload;
  const result = schema["~standard"].validate(payload);
  if (!isPromise(result)) return outputOf(result) as Payload;
  // Nobody awaits this promise, so its rejection must not end the process.
  result.then(undefined, () => undefined);
  throw jwtError("the schema is asynchronous: use verifyAsync", "ERR_JWT_SCHEMA_ASYNC");
}

/** Does for async callers what `fitted` does: the schema may be async too. */
export async function fittedInTime<Payload>(schema: StandardSchema | undefined, payload: Payload): Promise<Payload> {
  return schema === undefined ? payload : (outputOf(await schema["~standard"].validate(payload)) as Payload);
}

function outputOf(result: SchemaResult<unknown>): unknown {
  // The result comes from foreign code, so nothing about its shape is taken for granted.
  const { issues } = Object(result) as { issues?: unknown };
  if (issues === undefined && Object.hasOwn(Object(result), "value")) return (result as { value: unknown }).value;
  if (!Array.isArray(issues)) throw jwtError("the schema did not answer as a Standard Schema must", "ERR_JWT_SCHEMA");
  const places = (issues as SchemaIssue[]).map(
    ({ path }) => (path ?? []).map(nameOf).join(".") || "the payload itself",
  );
  const error = new JsonWebTokenError(
    `jwt payload does not fit the schema: ${[...new Set(places)].join(", ")}`,
    undefined,
    "ERR_JWT_SCHEMA",
  );
  // Not enumerable, so that loggers that print an error's members do not print the payload that issues may quote.
  throw Object.defineProperty(error, "issues", { value: issues, configurable: true, writable: true });
}

function nameOf(part: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof part === "object" && part !== null ? part.key : part);
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | null)?.then === "function";
}

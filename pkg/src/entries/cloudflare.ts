export { durableLimits, TandemLimits } from "../edge/durable-limits.js";
export { type D1, type D1StoreOptions, d1Schema, d1Store, migrateD1 } from "../stores/d1.js";
export * from "../stores/durable-object.js";

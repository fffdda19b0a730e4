// The stores take each client as its own types describe it.

import { Cluster, Redis } from "ioredis";
import pg from "pg";
import postgres from "postgres";
import { createClient, createCluster } from "redis";
import { createClient as createClient4, createCluster as createCluster4 } from "redis-4";
import { createClient as createClient5 } from "redis-5";
import { createSessions, memoryStore, type SessionStore } from "tandem-jwt/session";
import { type ConformanceTest, conformance } from "tandem-jwt/stores/conformance";
import { migratePostgres, postgresSchema, postgresStore } from "tandem-jwt/stores/postgres";
import { type RedisStore, redisStore } from "tandem-jwt/stores/redis";

export const ofRedis: RedisStore[] = [
  redisStore(createClient()),
  redisStore(await createClient().connect(), { prefix: "shop:", replicas: 1 }),
  redisStore(createClient4()),
  redisStore(createClient5()),
  redisStore(createCluster({ rootNodes: [] })),
  redisStore(createCluster4({ rootNodes: [] })),
  redisStore(new Redis()),
  redisStore(new Cluster([])),
];
export const ofPostgres: SessionStore[] = [
  postgresStore(new pg.Pool()),
  postgresStore(new pg.Client()),
  postgresStore(await new pg.Pool().connect()),
  postgresStore(postgres("postgres://localhost")),
];
await migratePostgres(new pg.Pool(), { prefix: "shop_" });
const schema: string = postgresSchema();
const swept: number = await postgresStore(new pg.Pool()).sweep(0, 1);
const tests: ConformanceTest[] = conformance(() => memoryStore(), { seed: 1 });
void [schema, swept, tests, createSessions];

// @ts-expect-error a promise of a client is no client
redisStore(createClient().connect());
// @ts-expect-error a pool is no Redis
redisStore(new pg.Pool());
// @ts-expect-error an option that does not exist
redisStore(createClient(), { prefx: "shop:" });
// @ts-expect-error Redis is no pool
postgresStore(new Redis());

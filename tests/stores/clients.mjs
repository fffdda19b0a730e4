// A store for each supported client, over one server.

import Redis, { Cluster } from "ioredis";
import Redis5 from "ioredis-5";
import pg from "pg";
import postgres from "postgres";
import { createClient, createCluster } from "redis";
import { createClient as createClient4 } from "redis-4";
import { createClient as createClient5 } from "redis-5";
import { migratePostgres, postgresStore } from "tandem-jwt/stores/postgres";
import { redisStore } from "tandem-jwt/stores/redis";

/** By the name of the client: (server, options) => { store(), close() }; each store has a connection of its own. */
export const REDIS = {
  "redis 6": nodeRedis(createClient),
  "redis 5": nodeRedis(createClient5),
  "redis 4": nodeRedis(createClient4),
  "ioredis 6": ioRedis(Redis),
  "ioredis 5": ioRedis(Redis5),
};

export const POSTGRES = {
  pg: (server, options) =>
    several(
      () => new pg.Pool({ connectionString: server.url, max: 8 }).on("error", quiet),
      (pool) => postgresStore(pool, options),
      (pool) => pool.end(),
    ),
  "a pg Client": (server, options) =>
    several(
      async () => {
        const client = new pg.Client(server.url).on("error", quiet);
        await client.connect();
        return client;
      },
      (client) => postgresStore(client, options),
      (client) => client.end(),
    ),
  postgres: (server, options) =>
    several(
      () => postgres(server.url, { max: 8, onnotice: quiet }),
      (sql) => postgresStore(sql, options),
      (sql) => sql.end({ timeout: 1 }),
    ),
};

/** Clients of a cluster. */
export const CLUSTERS = {
  "a cluster of redis 6": (server, options) =>
    several(
      async () => {
        const cluster = createCluster({ rootNodes: [{ url: server.url }] }).on("error", quiet);
        await cluster.connect();
        return cluster;
      },
      (cluster) => redisStore(cluster, options),
      (cluster) => cluster.destroy(),
    ),
  "a cluster of ioredis 6": (server, options) =>
    several(
      () => new Cluster([{ host: server.host, port: server.port }]).on("error", quiet),
      (cluster) => redisStore(cluster, options),
      (cluster) => cluster.disconnect(),
    ),
};

export async function migrated(server) {
  const sql = postgres(server.url, { max: 1, onnotice: quiet });
  await migratePostgres(sql);
  await sql.end();
}

function nodeRedis(create) {
  return (server, options) =>
    several(
      async () => {
        const client = create({ url: server.url, socket: { reconnectStrategy: () => 50 } }).on("error", quiet);
        await client.connect();
        return client;
      },
      (client) => redisStore(client, options),
      (client) => (client.destroy ?? client.disconnect).call(client),
    );
}

function ioRedis(Client) {
  return (server, options) =>
    several(
      () => new Client({ host: server.host, port: server.port, retryStrategy: () => 50 }).on("error", quiet),
      (client) => redisStore(client, options),
      (client) => client.disconnect(),
    );
}

function several(open, storeOf, close) {
  const clients = [];
  return {
    async store() {
      const client = await open();
      clients.push(client);
      return storeOf(client);
    },
    async close() {
      for (const client of clients.splice(0)) await Promise.resolve(close(client)).catch(quiet);
    },
  };
}

/** Clients report lost connections by events that would end the process. */
function quiet() {}

/**
 * Sessions in Redis, 5 or newer, through the application's own client: `redis` (node-redis) or `ioredis`.
 *
 * A session is one hash, and each operation on it one Lua script, which is atomic. All keys of a user have the user's
 * name as their hash tag, so that they share one slot of a cluster.
 */

import { isBytes } from "../core/kinds.js";
import { TextDecoder } from "../core/text.js";
import type { Loaded, Page, RecordIndex, SessionKey, SessionStore, Subject, SubjectEpoch } from "../session/store.js";
import { answerWithin, bounded, integer } from "./limits.js";
import { PAGE } from "./page.js";
import { commandsOf, type IoRedisClient, type NodeRedisClient } from "./redis/commands.js";
import { BUMP, COMPARE_AND_SET, CREATE, FIRST_USE, LIST, LOAD, READ, type Script, TOUCH } from "./redis/scripts.js";

export type { IoRedisClient, NodeRedisClient } from "./redis/commands.js";

/** The options of the Redis store. Times are in milliseconds. */
export interface RedisStoreOptions {
  /** The prefix of all keys. Default `"tandem:"`. */
  prefix?: string | undefined;
  /**
   * How many replicas must acknowledge a write that ends sessions before it counts as done. Default 0: losing the
   * primary may then lose a sign-out, and the store says `durable: false`. Not supported with a cluster client.
   */
  replicas?: number | undefined;
  /** How long to wait for the replicas. The application's other commands on this connection wait too. Default 1,000. */
  replicaTimeout?: number | undefined;
  /** How long an operation may take before it fails. Default 5,000. */
  timeout?: number | undefined;
  /** Use the clock of Redis, which all application servers share. Default true. */
  sharedClock?: boolean | undefined;
  /** The clock for epochs, in milliseconds since 1970. Default: the Redis server's. */
  nowMs?: (() => number) | undefined;
}

/** A store in Redis. */
export interface RedisStore extends SessionStore {
  firstUse: NonNullable<SessionStore["firstUse"]>;
  /** Whether a sign-out is certain to survive the loss of the primary. */
  readonly durable: boolean;
}

/**
 * Creates a store over a client that is, or will be, connected to the primary. Throws a `TypeError` for an invalid
 * option.
 */
export function redisStore(client: NodeRedisClient | IoRedisClient, options: RedisStoreOptions = {}): RedisStore {
  const { prefix = "tandem:", sharedClock = true, nowMs } = options;
  // A brace would change the hash tag, and spread one user's keys over several slots.
  if (typeof prefix !== "string" || /[{}]/.test(prefix)) throw new TypeError("prefix must be a string without braces");
  const replicas = integer("replicas", options.replicas ?? 0, 0, 100);
  const replicaTimeout = integer("replicaTimeout", options.replicaTimeout ?? 1_000, 1, 60_000);
  const timeout = integer("timeout", options.timeout ?? 5_000, 1, 600_000);
  const commands = commandsOf(client);
  if (replicas > 0 && commands.cluster)
    throw new TypeError("replicas must be 0 with a cluster client, which cannot wait for them");

  const { tagOf, rowOf, epochOf, listOf, keysOf } = keyNames(prefix);

  // Clients queue commands while the server is unreachable, so every command has our own time-out.
  const run = (script: Script, keys: string[], args: (string | Uint8Array)[] = []) =>
    answerWithin(timeout, commands.run(script, keys, args));

  /**
   * Waits until enough replicas have acknowledged everything that this connection wrote. Rejects if too few do: the
   * write is on the primary then, and a retry is safe.
   */
  async function replicated(): Promise<void> {
    if (replicas === 0) return;
    // WAIT blocks for its own limit. The additional time-out covers the round trip.
    const reached = Number(await answerWithin(replicaTimeout + timeout, commands.wait(replicas, replicaTimeout)));
    if (reached < replicas) throw new Error(`the write reached ${reached} of ${replicas} replicas`);
  }

  return {
    consistency: "linearizable",
    durable: replicas > 0,

    async create(key, record, { expiresAt, active }) {
      const args = [key.sid, String(expiresAt), flag(active), bounded(record)];
      return (await run(CREATE, keysOf(key), args)) === 1;
    },

    async load(key) {
      // One script, so that the epoch is never older than the record.
      const found = await run(LOAD, [rowOf(key), epochOf(key)]);
      if (!Array.isArray(found)) return null;
      const [record, version, active, ms, ...epoch] = found as unknown[];
      const clock = Number(text(ms));
      // The replicas may not have answered the write that ended this session. It counts as ended once they acknowledge.
      // WAIT knows only of writes by this connection, and the session may have been ended through another, so the row
      // is touched first.
      if (replicas > 0 && text(active) === "0") {
        await run(TOUCH, [rowOf(key)]);
        await replicated();
      }
      const loaded: Loaded = {
        record: new Uint8Array(record as Uint8Array),
        version: Number(text(version)),
        epoch: { ...epochFrom(epoch), clock: nowMs?.() ?? clock },
      };
      // With Redis's clock, servers whose own clocks differ still agree on when the grace is over.
      return sharedClock ? { ...loaded, now: Math.floor(clock / 1000) } : loaded;
    },

    async compareAndSet(key, version, record, { expiresAt, active }: RecordIndex) {
      const args = [key.sid, String(expiresAt), flag(active), bounded(record), String(version)];
      if ((await run(COMPARE_AND_SET, keysOf(key), args)) !== 1) return false;
      // Only writes that end a session wait for replicas: a failover that loses one would bring the session back.
      if (!active) await replicated();
      return true;
    },

    async bumpEpoch(subject, keep) {
      // An empty text means Redis's own clock. Without `keep` there is no second argument, because any text could be a
      // session identifier.
      const args = [nowMs === undefined ? "" : String(Math.floor(nowMs())), ...(keep === undefined ? [] : [keep])];
      const value = Number(text(await run(BUMP, [epochOf(subject), listOf(subject)], args)));
      await replicated();
      return value;
    },

    async list(iss, sub, cursor) {
      const subject = { iss, sub };
      // Names first and rows in a second call, because a script must be told every key that it accesses.
      const names = (await run(LIST, [listOf(subject)], [cursor ?? "", String(PAGE + 1)])) as unknown[];
      const sids = names.slice(0, PAGE).map(text);
      const rows = await run(READ, [epochOf(subject), ...sids.map((sid) => rowOf({ iss, sub, sid }))]);
      return pageFrom(rows as unknown[], names.length > PAGE ? sids.at(-1) : undefined);
    },

    async firstUse(subject, id, until) {
      // At least a second: Redis refuses an expiry of zero, and a proof in its last moment must still be recorded as
      // used.
      const left = Math.max(1_000, until * 1_000 - Math.floor((nowMs ?? Date.now)()));
      return (await run(FIRST_USE, [`${tagOf(subject)}:p:${id}`], [String(left)])) === 1;
    },
  };
}

/** The names of the keys of a subject and of its sessions. */
function keyNames(prefix: string) {
  // Encoded, because a brace or slash in a name would change the hash tag, and with it the owner of the keys.
  const tagOf = ({ iss, sub }: Subject) => `${prefix}{${encodeURIComponent(iss)}/${encodeURIComponent(sub)}}`;
  // A sid needs no encoding: the tag is the first pair of braces, and nothing follows the sid.
  const rowOf = (key: SessionKey) => `${tagOf(key)}:s:${key.sid}`;
  const epochOf = (subject: Subject) => `${tagOf(subject)}:epoch`;
  const listOf = (subject: Subject) => `${tagOf(subject)}:list`;
  const keysOf = (key: SessionKey) => [rowOf(key), epochOf(key), listOf(key)];
  return { tagOf, rowOf, epochOf, listOf, keysOf };
}

/**
 * A page of `list`: the epoch comes first, and a row that was deleted meanwhile is null. The cursor comes from the
 * names, so that a page whose rows are all gone still leads to the next page.
 */
function pageFrom([epoch, ...rows]: unknown[], cursor: string | undefined): Page {
  const records = rows.filter((row): row is Uint8Array => isBytes(row)).map((row) => new Uint8Array(row));
  const page: Page = { records, epoch: epochFrom(epoch as unknown[]) };
  return cursor === undefined ? page : { ...page, cursor };
}

/** As text, because Redis stores only text, and Lua compares it with text. */
const flag = (active: boolean) => (active ? "1" : "0");

/** The epoch from the fields v, k and f of its hash, each null or undefined where Redis has none. */
function epochFrom([value, keep, keptFrom]: unknown[]): SubjectEpoch {
  // A subject whose sessions were never revoked together has no epoch yet.
  if (value === null || value === undefined) return { value: 0 };
  if (keep === null || keep === undefined) return { value: Number(text(value)) };
  return { value: Number(text(value)), keep: text(keep), keptFrom: Number(text(keptFrom)) };
}

/** The text of a reply, whether the client returns bytes or a string. */
function text(reply: unknown): string {
  return isBytes(reply) ? new TextDecoder().decode(reply) : String(reply);
}

// The two common Redis clients, told apart by their methods.

import { isError } from "../../core/kinds.js";
import { TextEncoder } from "../../core/text.js";
import type { Script } from "./scripts.js";

/** The methods of npm `redis`, versions 4 to 6, that are used; its cluster client has them too. */
export interface NodeRedisClient {
  sendCommand(...args: any[]): Promise<unknown>;
}

/** The methods of npm `ioredis` that are used; its cluster client has them too. */
export interface IoRedisClient {
  callBuffer(command: string, ...args: any[]): Promise<unknown>;
}

/** Scripts and WAIT, with replies in bytes: a record is binary, and decoding a reply as UTF-8 would corrupt it. */
export interface Commands {
  /** Whether the client talks to several servers. WAIT would then ask an arbitrary one of them. */
  readonly cluster: boolean;
  run(script: Script, keys: string[], args: (string | Uint8Array)[]): Promise<unknown>;
  wait(replicas: number, ms: number): Promise<unknown>;
}

/** The commands of a client. Throws a `TypeError` for a value that is neither client. */
export function commandsOf(client: NodeRedisClient | IoRedisClient): Commands {
  const { send, cluster } = senderOf(client);
  // The promise is cached rather than its value, so that concurrent calls share one computation.
  const shas = new Map<Script, Promise<string>>();
  /** The hash by which Redis looks up a cached script. It protects nothing: SHA-1 is Redis's choice. */
  function sha1Of(script: Script): Promise<string> {
    let sha = shas.get(script);
    if (sha === undefined) {
      sha = sha1(script.lua);
      shas.set(script, sha);
    }
    return sha;
  }
  return {
    cluster,
    async run(script, keys, args) {
      // The keys come first, with their count, because a cluster client routes by them.
      const rest = [String(keys.length), ...keys, ...args.map(sendable)];
      const [first] = keys;
      try {
        // The hash is 40 bytes, whereas the script would be up to a kilobyte per call. All keys of a call share a slot,
        // so the first one selects the server.
        return await send(["EVALSHA", await sha1Of(script), ...rest], first!);
      } catch (error) {
        // A restarted server, or a replica that took over, does not know the script yet. It has run nothing, so the
        // full script is sent.
        if (!isError(error) || !error.message.startsWith("NOSCRIPT")) throw error;
        return send(["EVAL", script.lua, ...rest], first!);
      }
    },
    wait: (replicas, ms) => send(["WAIT", String(replicas), String(ms)], ""),
  };
}

/** Sends a command as words. `key` selects the server in a cluster client; other clients ignore it. */
type Send = (words: (string | Uint8Array)[], key: string) => Promise<unknown>;

/** Both clients take bytes only as a Buffer. */
function sendable(arg: string | Uint8Array): string | Uint8Array {
  return typeof arg === "string" || typeof Buffer === "undefined" ? arg : Buffer.from(arg);
}

// node-redis 4 reads the first option, 5 and 6 the second: bulk strings, which begin with "$", stay bytes.
const asBytes = () => ({
  returnBuffers: true,
  typeMapping: { 36: typeof Buffer === "undefined" ? Uint8Array : Buffer },
});

/**
 * The client's own method for sending words and receiving bytes. Clients are recognised by their methods: the package
 * depends on neither, and `instanceof` would fail for a second copy of a client library.
 */
function senderOf(client: NodeRedisClient | IoRedisClient): { send: Send; cluster: boolean } {
  // ioredis has a sendCommand too, with other parameters.
  if ("callBuffer" in client && typeof client.callBuffer === "function") {
    const send: Send = ([command, ...words]) => client.callBuffer(command as string, ...words);
    return { send, cluster: "isCluster" in client && client.isCluster === true };
  }
  if ("sendCommand" in client && typeof client.sendCommand === "function") {
    if (!("masters" in client)) return { send: (words) => client.sendCommand(words, asBytes()), cluster: false };
    // A cluster client selects the server by the key. Never a replica, even for read-only scripts: its data may be
    // stale.
    return { send: (words, key) => client.sendCommand(key, false, words, asBytes()), cluster: true };
  }
  throw new TypeError("redisStore needs a client of npm redis or ioredis");
}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

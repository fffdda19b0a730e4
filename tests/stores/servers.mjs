// Real servers for tests: each on its own free loopback port, with its data in a temporary folder, and stopped by its
// process id.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

import pg from "pg";

const HOST = "127.0.0.1";
const run = promisify(execFile);
// Interrupting a test ends its servers too, by the event "exit".
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** Redis. `options` are words of its command line; it keeps nothing on disk unless they say so. */
export async function startRedis(...options) {
  const folder = mkdtempSync(join(tmpdir(), "tandem-redis-"));
  const port = await freePort();
  const words = [
    "--port",
    String(port),
    "--bind",
    HOST,
    "--dir",
    folder,
    "--save",
    "",
    "--appendonly",
    "no",
    "--daemonize",
    "no",
    ...options,
  ];
  let server;
  const redis = {
    host: HOST,
    port,
    url: `redis://${HOST}:${port}`,
    async start() {
      server = await started("redis-server", words, port);
    },
    /** Sends a command as plain words and returns the start of the answer. */
    say: (...command) => said(port, `${command.join(" ")}\r\n`),
    /** Answers nobody until it is resumed. */
    async stall() {
      server.kill("SIGSTOP");
      return async () => server.kill("SIGCONT");
    },
    /** Ends abruptly, as in a power failure. */
    async kill() {
      await ended(server, "SIGKILL");
    },
    async stop() {
      await ended(server, "SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await redis.start();
  return redis;
}

/**
 * PostgreSQL, with a superuser called postgres who needs no password on loopback. It refuses to run as root.
 * `options` are words of its command line.
 */
export async function startPostgres(...options) {
  const bin = postgresFolder();
  const folder = mkdtempSync(join(tmpdir(), "tandem-postgres-"));
  const data = join(folder, "data");
  const asOther = await otherUser(folder);
  const [initdb, ...initWords] = asOther(
    join(bin, "initdb"),
    "-D",
    data,
    "-U",
    "postgres",
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--no-sync",
    "--no-instructions",
  );
  await run(initdb, initWords, { cwd: folder });
  const port = await freePort();
  const [program, ...words] = asOther(
    join(bin, "postgres"),
    "-D",
    data,
    "-p",
    String(port),
    "-h",
    HOST,
    "-k",
    folder,
    // The tests end servers, not the machine: what the system has taken over is not lost.
    "-c",
    "fsync=off",
    "-c",
    "max_connections=60",
    "-c",
    "shared_buffers=128MB",
    "-c",
    "max_wal_size=2GB",
    ...options,
  );
  let server;
  const postgres = {
    host: HOST,
    port,
    url: `postgres://postgres@${HOST}:${port}/postgres`,
    async start() {
      server = await started(program, words, port, folder);
      // It lets nobody in before it has recovered what a kill left behind.
      for (let tried = 0; !(await accepts(postgres.url)); tried++) {
        if (tried === 300) throw new Error("PostgreSQL does not come up");
        await pause(100);
      }
    },
    /** Answers nobody until it is resumed. */
    async stall() {
      const client = new pg.Client(postgres.url);
      await client.connect();
      await client.query("BEGIN; LOCK TABLE tandem_session");
      return () => client.end();
    },
    /** Ends all connections at once, without waiting for anyone. */
    async kill() {
      await ended(server, "SIGQUIT");
    },
    async stop() {
      await ended(server, "SIGINT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await postgres.start();
  return postgres;
}

async function accepts(url) {
  const client = new pg.Client(url).on("error", () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

function postgresFolder() {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => b - a) : [];
  const found = [process.env.POSTGRES_BIN ?? "", ...versions.map((version) => join(debian, version, "bin"))].find(
    (folder) => folder !== "" && existsSync(join(folder, "initdb")),
  );
  if (found === undefined) throw new Error("no PostgreSQL: set POSTGRES_BIN to the folder that holds initdb");
  return found;
}

/** How to start a program as somebody who is not root: root's own programs become those of the user postgres. */
async function otherUser(folder) {
  if (process.getuid?.() !== 0) return (...words) => words;
  const id = async (flag) => Number((await run("id", [flag, "postgres"])).stdout);
  const [uid, gid] = [await id("-u"), await id("-g")];
  chownSync(folder, uid, gid);
  // setpriv replaces itself by the program, so that the process id is the server's.
  return (...words) => ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--", ...words];
}

async function started(program, words, port, cwd) {
  const server = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"], cwd });
  let said = "";
  for (const stream of [server.stdout, server.stderr])
    stream.on("data", (text) => (said = (said + text).slice(-4_000)));
  const gone = once(server, "exit").then(([code, signal]) => {
    throw new Error(`${program} ended at once (${code ?? signal}): ${said}`);
  });
  gone.catch(() => {});
  await Promise.race([answering(port), gone]);
  // A test run that is interrupted leaves no server behind.
  const end = () => server.kill("SIGKILL");
  process.once("exit", end);
  server.once("exit", () => process.off("exit", end));
  return server;
}

async function answering(port) {
  for (let tried = 0; tried < 300; tried++) {
    const open = await new Promise((resolve) => {
      const socket = connect({ host: HOST, port }, () => resolve(true)).once("error", () => resolve(false));
      socket.unref();
      setTimeout(() => socket.destroy(), 500).unref();
    });
    if (open) return;
    await pause(50);
  }
  throw new Error(`nobody answers on port ${port}`);
}

async function said(port, text) {
  const socket = connect({ host: HOST, port });
  socket.end(text);
  const [answer] = await once(socket, "data");
  socket.destroy();
  return String(answer);
}

async function ended(server, signal) {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, "exit");
  server.kill(signal);
  await gone;
}

async function freePort() {
  const server = createServer().listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

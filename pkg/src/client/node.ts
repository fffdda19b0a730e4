// tandem-jwt/client/node: a token pair in a file, for command lines and servers that act as bearer clients.

import { constants } from "node:fs";
import { link, mkdir, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { pid } from "node:process";

import type { TokenStore, Tokens } from "./tokens.js";

export { type BearerSession, type BearerSessionOptions, bearerSession } from "./bearer-session.js";
export { memoryTokens, type TokenStore, type Tokens } from "./tokens.js";

/** A lock that its holder has not touched for this long was left behind by a process that died. Milliseconds. */
const ABANDONED = 10_000;
const TOUCH = 2_000;
const POLL = 50;
/** A pair is a few KB; a larger file is something else. */
const MAX_BYTES = 64 * 1024;

/**
 * A store in a file that only its owner can read. A lock file beside it lets one process refresh at a time, and every
 * process reads the file just before it refreshes, so that processes that share a session do not end it.
 *
 * The folder is created if it is missing. A file that does not hold a token pair is an error and is left unchanged.
 */
export function tokenFile(path: string): TokenStore {
  const lockPath = `${path}.lock`;
  return {
    async load() {
      let text: string;
      try {
        const { size } = await stat(path);
        if (size > MAX_BYTES) throw new TypeError(`${path} is too large to hold a pair of tokens`);
        text = await readFile(path, "utf8");
      } catch (error) {
        if (codeOf(error) === "ENOENT") return null;
        throw error;
      }
      return parsePair(text, path);
    },
    async save(tokens) {
      if (tokens === null) return rm(path, { force: true });
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      // Renamed into place: a reader sees either the old pair or the new one, and a crash loses neither.
      const draft = `${path}.${pid}.tmp`;
      const file = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
      try {
        await file.writeFile(`${JSON.stringify({ access: tokens.access, refresh: tokens.refresh })}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, path);
    },
    async lock(work, signal) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const owner = await take(lockPath, signal);
      const touch = setInterval(() => {
        const now = new Date();
        utimes(lockPath, now, now).catch(() => undefined);
      }, TOUCH);
      // A lock is held for one request; the timer must not keep the process alive beyond it.
      (touch as unknown as { unref(): void }).unref();
      try {
        return await work();
      } finally {
        clearInterval(touch);
        // A process that slept while it held the lock may have lost it to another process, whose lock must stay.
        const found = await readFile(lockPath, "utf8").catch(() => undefined);
        if (found === owner) await rm(lockPath, { force: true });
      }
    },
  };
}

/**
 * Waits until the lock file can be created, taking over an abandoned one. Resolves with the contents of the new lock
 * file.
 */
async function take(path: string, signal: AbortSignal): Promise<string> {
  const owner = `${pid} ${crypto.randomUUID()}`;
  for (;;) {
    signal.throwIfAborted();
    try {
      const file = await open(path, "wx", 0o600);
      await file.writeFile(owner).finally(() => file.close());
      return owner;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
    const touched = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    if (touched !== undefined && Date.now() - touched > ABANDONED) await takeOver(path);
    else await new Promise((resolve) => setTimeout(resolve, POLL * (0.5 + Math.random())));
  }
}

/** Removes an abandoned lock by renaming it, so that only one of several processes succeeds. */
async function takeOver(path: string): Promise<void> {
  const aside = `${path}.${pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await rename(path, aside);
    const { mtimeMs } = await stat(aside);
    // Another process took the lock over meanwhile, and this is its new lock: put it back, unless there is one already.
    if (Date.now() - mtimeMs <= ABANDONED) await link(aside, path);
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes(codeOf(error) ?? "")) throw error;
  }
  await rm(aside, { force: true });
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | null)?.code;
}

function parsePair(text: string, path: string): Tokens {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = null;
  }
  const { access, refresh } = (parsed ?? {}) as Partial<Tokens>;
  if (typeof access !== "string" || typeof refresh !== "string") throw new TypeError(`${path} holds no pair of tokens`);
  return { access, refresh };
}

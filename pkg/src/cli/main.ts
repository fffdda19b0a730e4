#!/usr/bin/env node
// npx tandem-jwt keys new|rotate|retire|check: manages refresh token keys, in a file or for a host that stores secrets.

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";

import { fresh, type KeyFile, KeyFileError, readKeyFile, retired, rotated, summary } from "./key-file.js";

const USAGE = `usage: npx tandem-jwt keys <command> [--file tandem-keys.json]

  new [--idle-days 14]    creates the file with one key; --idle-days is the refreshIdle of your sessions
  rotate [--deployed]     takes the next step; --deployed confirms that every server has the current file
  retire <kid>            retires a key that has leaked
  check                   shows the state of each key and the next step
  secret                  prints the value for a host that keeps secrets:
                          npx tandem-jwt keys secret | npx wrangler secret put TANDEM_KEYS

In the server:

  const { refresh, retired } = JSON.parse(TANDEM_KEYS);
  createSessions({ keys: { access, refresh, retired }, … });`;

/** The text to print, and the file to write, if any. */
type Done = { say: string[]; file?: KeyFile };

function main(args: string[]): void {
  const { values, positionals } = wordsOf(args);
  if (values.help === true) return void process.stdout.write(`${USAGE}\n`);
  const [group, what, kid, ...rest] = positionals;
  if (group !== "keys" || what === undefined || rest.length > 0) throw new KeyFileError(USAGE);
  const path = values.file ?? "tandem-keys.json";
  const idleDays = Number(values["idle-days"] ?? 14);
  const { say, file } = carryOut(what, { kid, path, idleDays, deployed: values.deployed === true });
  if (file !== undefined) {
    // Written to a temporary file and renamed, because a server may read the file at any time. Only the owner may read
    // it: it holds secrets.
    writeFileSync(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  process.stdout.write(`${say.join("\n")}\n`);
}

/** Unknown options are refused: a misspelt `--deployed` must not be ignored. */
function wordsOf(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new KeyFileError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function carryOut(
  what: string,
  { kid, path, idleDays, deployed }: { kid: string | undefined; path: string; idleDays: number; deployed: boolean },
): Done {
  const now = new Date();
  const read = () => readKeyFile(readFileSync(path, "utf8"));
  if (what === "new") {
    if (!(idleDays > 0)) throw new KeyFileError("--idle-days must be a number of days above 0");
    // Overwriting the file would lose the keys of all sessions.
    if (existsSync(path)) throw new KeyFileError(`${path} already exists: use rotate`);
    return fresh(now, idleDays);
  }
  if (what === "rotate") return rotated(read(), deployed, now);
  if (what === "retire" && kid !== undefined) return retired(read(), kid, now);
  if (what === "check") return { say: summary(read(), now) };
  if (what !== "secret") throw new KeyFileError(USAGE);
  const file = read();
  // Without the states, which no server needs, and on one line, which is how hosts take secrets.
  return { say: [JSON.stringify({ refresh: file.refresh, retired: file.retired })] };
}

const OPTIONS = {
  file: { type: "string" },
  "idle-days": { type: "string" },
  deployed: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

try {
  main(process.argv.slice(2));
} catch (error) {
  // An error of the file system has a code, and its message is enough. Anything else is a bug of ours and keeps its
  // stack.
  const known = error instanceof KeyFileError || (error as { code?: unknown }).code !== undefined;
  if (!known) throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

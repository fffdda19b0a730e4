// The recipes of docs/recipes.md and docs/edge.md as processes over one Redis: programs that a newcomer would write, their
// clients, and a clock that can be moved.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { transform } from "esbuild";

import { snippets } from "../../docs/snippets.mjs";

const CLOCK = new URL("./clock.mjs", import.meta.url).href;
const TOKEN_FILE = fileURLToPath(new URL("./token-file.mjs", import.meta.url));

/** Where programs are written and run: `stop()` ends those that still run, and leaves nothing. */
export function workshop(redisUrl) {
  // Below the tests, where the packages are found.
  const directory = mkdtempSync(join(fileURLToPath(new URL("../..", import.meta.url)), "recipes-"));
  const running = new Set();
  let count = 0;

  function folder() {
    const made = join(directory, String(count++));
    mkdirSync(made);
    return made;
  }

  /** Runs a program whose clock is `ahead` seconds fast. What it prints is in `output()`. */
  function run(args, { ahead = 0, env = {} } = {}) {
    const child = spawn(process.execPath, ["--import", CLOCK, ...args], {
      env: { ...process.env, SECONDS_AHEAD: String(ahead), REDIS_URL: redisUrl, ...env },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    running.add(child);
    child.on("exit", () => running.delete(child));
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    return { child, output: () => output };
  }

  return {
    folder,
    run,
    stop() {
      for (const child of running) child.kill("SIGKILL");
      rmSync(directory, { recursive: true });
    },
    /** A server process of a program: `{ url, events, sleep(seconds), kill() }`. */
    async serve(program, options) {
      const port = await freePort();
      const { child, output } = run([program], { ...options, env: { ...options?.env, PORT: String(port) } });
      const events = [];
      child.on("message", ({ event }) => event && events.push(event));
      const url = `http://127.0.0.1:${port}`;
      await listening(url, child, output);
      return {
        url,
        events,
        async sleep(seconds) {
          const slept = new Promise((resolve) => {
            child.on("message", (message) => message === "slept" && resolve());
          });
          child.send({ sleep: seconds });
          await slept;
        },
        async kill() {
          child.kill("SIGKILL");
          await once(child, "exit");
        },
      };
    },
  };
}

async function listening(url, child, output) {
  for (let tried = 0; tried < 400; tried++) {
    if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode}: ${output()}`);
    if (await fetch(url).catch(() => undefined)) return;
    await pause(50);
  }
  throw new Error("the program does not listen");
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Writes a recipe of docs/recipes.md with its imports, and returns its file. Its store is one that processes share. */
export function writeRecipe(folder, name) {
  const [{ code }] = snippets("docs/recipes.md", `js ${name}`);
  copyFileSync(new URL("./yours.mjs", import.meta.url), join(folder, "yours.mjs"));
  const file = join(folder, "server.mjs");
  writeFileSync(file, overSharedStore(code));
  return file;
}

/** Writes the recipe of docs/edge.md that mounts the edge in Express. */
export async function writeEdge(folder) {
  copyFileSync(new URL("./yours.mjs", import.meta.url), join(folder, "yours.mjs"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const [name, file, rest] of [
    ["auth.js", "auth.js", ""],
    ["Express", "server.mjs", '\napp.listen(process.env.PORT, "127.0.0.1");\n'],
  ]) {
    const [{ code }] = snippets("docs/edge.md", `ts ${name}`);
    const script = await transform(code, { loader: "ts" });
    writeFileSync(join(folder, file), overSharedStore(script.code) + rest);
  }
  return join(folder, "server.mjs");
}

function overSharedStore(code) {
  if (!code.includes("memoryStore()")) return code;
  return `import { yourStore } from "./yours.mjs";\n${code.replace("memoryStore()", "yourStore()")}`;
}

/** The clients of a server whose tokens travel in cookies: a jar, and requests that may forget what they were answered. */
export function browser({ login, refresh, headers = {}, password }) {
  let jar = "";
  const post = (url, cookie, body) =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers, cookie },
      body: JSON.stringify(body),
    });
  const keep = (response) => {
    const cookies = response.headers.getSetCookie().map((line) => line.split(";", 1)[0]);
    if (cookies.length > 0) jar = cookies.join("; ");
  };
  return {
    held: () => jar,
    async signIn(server) {
      const response = await post(server.url + login, "", { username: "ada", password });
      keep(response);
      return response;
    },
    /** Presents what is held, or something else, and keeps what comes back, or loses it. */
    async refresh(server, { present = jar, isLost = false } = {}) {
      const response = await post(server.url + refresh, present, {});
      if (!isLost && response.ok) keep(response);
      return response.ok;
    },
  };
}

/** The clients of Hono's token endpoint: processes that share a token file. */
export function commandLine({ folder, run }, { isByHand }) {
  const file = join(folder(), "tokens");
  let program = TOKEN_FILE;
  if (isByHand) {
    program = join(folder(), "cli.mjs");
    const [{ code }] = snippets("docs/recipes.md", "js cli");
    const use = `const response = await fetch(server + "/orders", { headers: { authorization: "Bearer " + (await accessToken(server)) } });
console.log(response.status, await response.text());`;
    writeFileSync(program, `${code}\nconst server = process.argv[2];\n${use}\n`);
  }
  const held = () => {
    const text = readFileSync(file, "utf8");
    return isByHand ? text : JSON.parse(text).refresh;
  };
  return {
    held,
    async signIn(server) {
      const body = JSON.stringify({ username: "ada", password: "lovelace" });
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${server.url}/login`, { method: "POST", headers, body });
      const pair = await response.json();
      writeFileSync(
        file,
        isByHand ? pair.refresh_token : JSON.stringify({ access: pair.access_token, refresh: pair.refresh_token }),
      );
      return response;
    },
    /** A process that calls the API; or somebody's bare request with a token. */
    async refresh(server, { present, isLost = false, dies = false, ahead = 0 } = {}) {
      if (present !== undefined || isLost) {
        const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: present ?? held() });
        return (await fetch(`${server.url}/token`, { method: "POST", body })).ok;
      }
      const env = { TOKEN_FILE: file, DIES: dies ? "with the answer in its hands" : "" };
      const { child, output } = run([program, server.url, file], { ahead, env });
      await once(child, "close");
      return output().startsWith('200 {"sub":"ada"}');
    },
  };
}

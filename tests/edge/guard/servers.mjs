/** Real servers as origins: each reports the path that it reads. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, createServer, request as send } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const HOST = "127.0.0.1";
const NGINX = ["/usr/sbin/nginx", "/usr/bin/nginx"].find(existsSync);
const JAVA = ["/usr/bin/java"].find((path) => existsSync(path) && existsSync(join(dirname(path), "javac")));
const TOMCAT = "/usr/share/java/tomcat10-embed-core.jar";

/** The servers that are not installed, by Debian package name. */
export const missing = [
  ...(NGINX === undefined ? ["nginx"] : []),
  ...(JAVA === undefined ? ["default-jdk-headless"] : []),
  ...(existsSync(TOMCAT) ? [] : ["libtomcat10-embed-java"]),
];

/** Starts them all. `readers` maps a name to a function from a path to the readings of it, none where it is refused. */
export async function startServers() {
  const folder = mkdtempSync(join(tmpdir(), "tandem-guard-"));
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const text = textFrom(agent);
  const node = await startNode();
  const nginx = await startNginx(folder, node.port);
  const tomcat = await startTomcat(folder);
  const reading = (port) => async (path) => {
    const answer = await text(port, path);
    return answer === null ? [] : [answer];
  };
  const readers = {
    "nginx, return": reading(nginx.ports[0]),
    "nginx, slashes not merged": reading(nginx.ports[1]),
    "nginx, proxy_pass with $uri to Node": async (path) => {
      const raw = await text(nginx.ports[2], path);
      return raw === null ? [] : [raw, decoded(raw)];
    },
    "nginx, alias": async (path) => {
      const file = await text(nginx.ports[3], path);
      if (file === null) return [];
      return [file.startsWith(folder) ? posix.normalize(file.slice(join(folder, "site").length)) : file];
    },
    Tomcat: reading(tomcat.ports[0]),
    "Tomcat, lenient": reading(tomcat.ports[1]),
  };
  return {
    readers,
    /** The status and the text of a file that nginx serves by `alias`. */
    file: (path) => text(nginx.ports[4], path),
    async stop() {
      agent.destroy();
      await Promise.all([nginx.stop(), tomcat.stop(), node.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const decoded = (path) => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

function textFrom(agent) {
  const once = (port, path) =>
    new Promise((resolve, reject) => {
      const asked = send({ port, host: HOST, path, agent }, async (response) => {
        const chunks = [];
        for await (const chunk of response) chunks.push(chunk);
        resolve(response.statusCode === 200 ? Buffer.concat(chunks).toString() : null);
      });
      // A server may close the connection after an error while the next path is on its way.
      asked.on("error", (error) => (asked.reusedSocket ? resolve(undefined) : reject(error)));
      asked.end();
    });
  return async (port, path) => {
    for (;;) {
      const answer = await once(port, path);
      if (answer !== undefined) return answer;
    }
  };
}

/** The backend of nginx: reports the path as it arrived. */
async function startNode() {
  const server = createServer((request, response) => response.end(request.url.split(/[?#]/)[0]));
  server.listen(0, HOST);
  await once(server, "listening");
  return {
    port: server.address().port,
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function startNginx(folder, backend) {
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort(), freePort()]);
  const site = join(folder, "site");
  for (const [name, content] of [
    ["files/open.txt", "open"],
    ["admin/secret.txt", "secret"],
  ]) {
    mkdirSync(dirname(join(site, name)), { recursive: true });
    writeFileSync(join(site, name), content);
  }
  const server = (port, body) => `server { listen ${HOST}:${port}; default_type text/plain; ${body} }`;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder};`);
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
    events {}
    http {
      access_log off; keepalive_requests 1000000; large_client_header_buffers 4 64k; ${temporary.join(" ")}
      ${server(ports[0], 'location / { return 200 "$uri"; }')}
      ${server(ports[1], 'merge_slashes off; location / { return 200 "$uri"; }')}
      ${server(ports[2], `location / { proxy_pass http://${HOST}:${backend}$uri; }`)}
      ${server(
        ports[3],
        `location / { return 200 "$uri"; } location /files { alias ${site}/files/; return 200 "$request_filename"; }`,
      )}
      ${server(ports[4], `root ${site}; location /files { alias ${site}/files/; }`)}
    }`,
  );
  const child = spawn(NGINX, ["-p", folder, "-e", `${folder}/error.log`, "-c", join(folder, "nginx.conf")], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  await Promise.all(ports.map((port) => answers(port, child)));
  return { ports, stop: () => ended(child) };
}

async function startTomcat(folder) {
  const work = join(folder, "tomcat");
  mkdirSync(work);
  const source = fileURLToPath(new URL("Origin.java", import.meta.url));
  const jars = ["core", "el", "jasper"].map((part) => TOMCAT.replace("core", part)).filter(existsSync);
  const child = spawn(JAVA, ["-Xmx256m", "-cp", jars.join(":"), source, work], { stdio: ["pipe", "pipe", "ignore"] });
  for await (const line of createInterface({ input: child.stdout })) {
    const ports = /^ports (\d+) (\d+)$/.exec(line);
    if (ports !== null) return { ports: ports.slice(1).map(Number), stop: () => ended(child) };
  }
  throw new Error("Tomcat did not start");
}

async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}

async function freePort() {
  const server = createTcpServer();
  server.listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Resolves when something responds on the port. */
async function answers(port, child) {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server at port ${port} ended with ${child.exitCode}`);
    const isThere = await new Promise((resolve) => {
      const asked = send({ port, host: HOST, path: "/", agent: false }, (response) => {
        response.resume();
        resolve(true);
      });
      asked.on("error", () => resolve(false));
      asked.end();
    });
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * An npm registry on loopback with three packages: ours, the original's name with a file that says so, and a middleware that
 * depends on the original. A manager that asks for anything else gets 404, so nothing can come from elsewhere.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { unpack } from "../packaging/packed.mjs";

const MADE = [
  { manifest: { name: "jsonwebtoken", version: "9.0.3", main: "index.js" }, code: 'exports.sign = () => "original";' },
  {
    manifest: {
      name: "some-middleware",
      version: "1.0.0",
      main: "index.js",
      dependencies: { jsonwebtoken: "^9.0.0" },
    },
    code: 'exports.jwt = require("jsonwebtoken");',
  },
];

export async function startRegistry() {
  const folder = mkdtempSync(join(tmpdir(), "tandem-jwt-registry-"));
  const packed = unpack();
  const packages = new Map(MADE.map((made) => [made.manifest.name, pack(folder, made)]));
  const manifest = JSON.parse(readFileSync(join(packed.folder, "node_modules", "tandem-jwt", "package.json"), "utf8"));
  packages.set("tandem-jwt", { manifest, tarball: readFileSync(packed.tarball) });
  packed.remove();
  rmSync(folder, { recursive: true });

  const server = createServer((request, response) => {
    const [, name, file] = decodeURIComponent(request.url).split("/");
    const found = packages.get(name);
    if (!found) return response.writeHead(404, { "content-type": "application/json" }).end("{}");
    if (file) return response.writeHead(200).end(found.tarball);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(document(found, `http://${request.headers.host}/${name}/package.tgz`)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    version: manifest.version,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function pack(folder, { manifest, code }) {
  mkdirSync(join(folder, manifest.name, "package"), { recursive: true });
  writeFileSync(join(folder, manifest.name, "package", "package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, manifest.name, "package", "index.js"), code);
  const tarball = join(folder, `${manifest.name}.tgz`);
  execFileSync("tar", ["-czf", tarball, "-C", join(folder, manifest.name), "package"]);
  return { manifest, tarball: readFileSync(tarball) };
}

function document({ manifest, tarball }, address) {
  const hash = (algorithm, encoding) => createHash(algorithm).update(tarball).digest(encoding);
  const dist = { tarball: address, integrity: `sha512-${hash("sha512", "base64")}`, shasum: hash("sha1", "hex") };
  const { name, version } = manifest;
  // Old enough for managers that wait before they take a new version.
  const at = "2020-01-01T00:00:00.000Z";
  return {
    name,
    "dist-tags": { latest: version },
    time: { created: at, modified: at, [version]: at },
    versions: { [version]: { ...manifest, dist } },
  };
}

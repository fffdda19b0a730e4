// The package as npm would publish it, unpacked into a folder of its own.

import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const pkg = fileURLToPath(new URL("../../pkg", import.meta.url));

/** A pair of RSA keys in PEM, which the check of every runtime is given. */
export function rsaKeys() {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    privateKey: privateKey.export({ format: "pem", type: "pkcs8" }),
    publicKey: publicKey.export({ format: "pem", type: "spki" }),
  };
}

/** Packs and unpacks; returns the folder, the names of the packed files, and what removes it all. */
export function unpack(parent = tmpdir()) {
  const folder = mkdtempSync(join(parent, "tandem-jwt-packed-"));
  const [{ filename, files }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--pack-destination", folder], {
      cwd: pkg,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  );
  const modules = join(folder, "node_modules", "tandem-jwt");
  mkdirSync(modules, { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, filename), "--strip-components=1", "-C", modules]);
  cpSync(new URL("check.mjs", import.meta.url), join(folder, "check.mjs"));
  return {
    folder,
    tarball: join(folder, filename),
    files: files.map(({ path }) => path),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

// The packed package in place of jsonwebtoken, with the pinned middleware around it, in a folder of its own.

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { unpack } from "../packaging/packed.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));

/** What the lock file names, and this build of ours: the lock leaves its hash out, for it is another with each build. */
export function install() {
  const packed = unpack();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "tandem-jwt-adopted-")));
  for (const name of ["package.json", "package-lock.json", "apps"])
    cpSync(join(here, name), join(folder, name), { recursive: true });
  cpSync(packed.tarball, join(folder, "tandem-jwt.tgz"));
  packed.remove();
  execFileSync("npm", ["ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

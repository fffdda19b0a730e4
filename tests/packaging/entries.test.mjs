// The entries beside the drop-in, put to use in each version of Node, in Bun and in Deno.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";

import { matrix } from "./matrix/project.mjs";
import { unpack } from "./packed.mjs";
import { HOSTS } from "./runtimes.mjs";

const packed = unpack();
after(() => packed.remove());
cpSync(join(matrix, "entries.mjs"), join(packed.folder, "entries.mjs"));
const run = promisify(execFile);

for (const [name, program, ...words] of HOSTS) {
  test(name, async () => {
    const { stdout } = await run(program, [...words, "entries.mjs"], { cwd: packed.folder });
    assert.deepEqual(JSON.parse(stdout), {
      edge: 4,
      decode: 2,
      node: 3,
      jwks: 3,
      lite: 3,
      conformance: 1,
      cloudflare: 2,
      client: 1,
    });
  });
}

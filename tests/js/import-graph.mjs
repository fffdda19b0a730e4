// Which folders of the sources import which: for the test that they form layers, and for the picture of the house.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const top = fileURLToPath(new URL("../../", import.meta.url));

/** The files below a folder, as paths from it; generated ones left out. */
function files(root, ending) {
  return readdirSync(join(top, root), { recursive: true })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(ending) && !path.includes("generated"))
    .sort();
}

/** The folder, or the file on its own, that a path begins with. */
const roomOf = (path) => path.split("/")[0].replace(/\.rs$/, "");

/** Which rooms each room imports, type imports included. */
function graph(paths, importsOf) {
  const rooms = new Map(paths.map((path) => [roomOf(path), new Set()]));
  for (const path of paths) {
    for (const target of importsOf(path))
      if (target !== roomOf(path) && rooms.has(target)) rooms.get(roomOf(path)).add(target);
  }
  return rooms;
}

/** The folders of the npm package. */
export function typeScriptGraph() {
  return graph(files("pkg/src", "ts"), (path) => {
    const text = readFileSync(join(top, "pkg/src", path), "utf8");
    const specifiers = [...text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*"(\.[^"]+)"/g)].map(([, found]) => found);
    return specifiers.map((specifier) => roomOf(normalize(join(dirname(path), specifier))));
  });
}

/** The modules of the Rust core. What the tests inside a file use is not what the file stands on. */
export function rustGraph() {
  const paths = files("src", ".rs").filter((path) => path !== "lib.rs" && !path.endsWith("/tests.rs"));
  return graph(paths, (path) => {
    const text = readFileSync(join(top, "src", path), "utf8").replace(/^\s*\/\/.*$/gm, "");
    const [code] = text.split("#[cfg(test)]");
    return [...code.matchAll(/\bcrate::(\w+)::/g)].map(([, found]) => found);
  });
}

/** The first way that leads from a room back to it, or undefined. */
export function circle(rooms) {
  const done = new Set();
  const visit = (room, way) => {
    if (way.includes(room)) return [...way.slice(way.indexOf(room)), room];
    if (done.has(room)) return undefined;
    for (const next of rooms.get(room) ?? []) {
      const found = visit(next, [...way, room]);
      if (found) return found;
    }
    done.add(room);
    return undefined;
  };
  for (const room of rooms.keys()) {
    const found = visit(room, []);
    if (found) return found.join(" → ");
  }
  return undefined;
}

// In Node, Bun or Deno: reads what to measure from the file that it is given, and writes the rows to another.

import { readFileSync, writeFileSync } from "node:fs";

import { fastJwt, jsonwebtoken } from "../contenders/synchronous.mjs";
import { ANYWHERE, measureAll } from "./peers.mjs";

const [asked, answer] = process.argv.slice(2);
const { materials, race } = JSON.parse(readFileSync(asked, "utf8"));
const rows = await measureAll(materials, [...ANYWHERE, jsonwebtoken, fastJwt], race);
writeFileSync(answer, JSON.stringify(rows));

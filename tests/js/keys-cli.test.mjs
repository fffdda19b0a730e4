// npx tandem-jwt keys: the steps of a rotation, and servers that take them at different times.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { fresh, readKeyFile, retired, rotated, summary } from "../../pkg/dist/cli/key-file.js";
import { bed, SECRET, START } from "./session-bed.mjs";

const directory = mkdtempSync(join(tmpdir(), "tandem-keys-"));
after(() => rmSync(directory, { recursive: true }));
const command = fileURLToPath(new URL("../../pkg/dist/cli/main.js", import.meta.url));
const run = (...args) => spawnSync(process.execPath, [command, ...args], { cwd: directory, encoding: "utf8" });

const DAY = 86_400;
const at = (seconds) => new Date((START + seconds) * 1000);
const kids = ({ file }) => file.refresh.map(({ kid }) => kid);

test("help is asked for by a flag, and given with every mistake", () => {
  for (const words of [["--help"], ["-h"], ["keys", "rotate", "--help"]]) {
    const { status, stdout, stderr } = run(...words);
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /^usage: npx tandem-jwt keys <command>/);
  }
  for (const words of [[], ["keys"], ["keys", "retire"], ["key", "new"], ["keys", "rotate", "--deploy"]]) {
    const { status, stdout, stderr } = run(...words);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /usage: npx tandem-jwt keys <command>/);
  }
});

test("standby, signing, verifying, dropped: no session is lost on servers that deploy one after the other", async () => {
  const { make, clock, types } = bed();
  const server = ({ file }) => make({ keys: { access: SECRET, refresh: file.refresh, retired: file.retired } });
  const steps = [fresh(at(0), 14)];
  for (const days of [1, 2, 3, 16, 17]) steps.push(rotated(steps.at(-1).file, true, at(days * DAY)));
  assert.deepEqual(
    steps.map((step) => kids(step).length),
    [1, 2, 2, 3, 3, 3],
  );
  let held = (await server(steps[0]).issue({ sub: "ada" })).refresh;
  for (const [i, step] of steps.entries()) {
    const before = steps[Math.max(0, i - 1)];
    // The new configuration is here, the one before is there still, and here again after a roll-back.
    for (const config of [step, before, step, before, before, step]) {
      clock.now = Math.max(clock.now + 3600, START);
      const answer = await server(config).refresh(held);
      assert.equal(answer.ok, true, `step ${i}`);
      held = answer.refresh;
    }
  }
  assert.ok(!types().includes("unknown_kid"));
});

test("a key is dropped when the last of its tokens is over, and not before", () => {
  let step = fresh(at(0), 14);
  const [first] = kids(step);
  step = rotated(step.file, true, at(0));
  step = rotated(step.file, true, at(DAY));
  assert.notEqual(kids(step)[0], first);
  assert.match(summary(step.file, at(DAY)).join("\n"), /verifying, not deployed everywhere yet/);
  // Only now does no server sign with it any more, as whoever runs this says.
  step = rotated(step.file, true, at(10 * DAY));
  for (const [days, there] of [
    [23, true],
    [24, false],
  ]) {
    step = rotated(step.file, true, at(days * DAY));
    assert.equal(kids(step).includes(first), there, `after ${days} days`);
  }
});

test("a change that is not everywhere is not followed by another", () => {
  const step = rotated(fresh(at(0), 14).file, true, at(0));
  assert.throws(() => rotated(step.file, false, at(DAY)), { name: "KeyFileError", message: /--deployed/ });
  assert.match(summary(step.file, at(DAY)).at(-1), /needs --deployed/);
});

test("a key that has leaked is retired, and the one that stands by signs", async () => {
  const { make } = bed();
  const server = ({ file }) => make({ keys: { access: SECRET, refresh: file.refresh, retired: file.retired } });
  const first = fresh(at(0), 14);
  const step = rotated(first.file, true, at(0));
  const [leaked, standby] = kids(step);
  const pair = await server(first).issue({ sub: "ada" });
  const after = retired(step.file, leaked, at(1));
  assert.deepEqual([kids(after), after.file.retired], [[standby], [leaked]]);
  assert.match(after.say.join("\n"), /Stop the servers/);
  assert.deepEqual((await server(after).refresh(pair.refresh)).error, "invalid_grant");
  assert.equal((await server(after).issue({ sub: "ada" })).ok, true);
  assert.throws(() => retired(after.file, leaked, at(2)), { message: /already retired/ });
  assert.throws(() => retired(after.file, "other", at(2)), { message: /there is no key other/ });
  const alone = retired(first.file, leaked, at(1));
  assert.equal(kids(alone).length, 1);
  assert.notEqual(kids(alone)[0], leaked);
  const later = rotated(rotated(alone.file, true, at(2)).file, true, at(15 * DAY));
  assert.deepEqual(later.file.retired, []);
  readKeyFile(JSON.stringify(later.file));
});

test("the command writes the file, for its owner alone and whole or not at all", () => {
  assert.equal(run("keys", "new").status, 0);
  const file = () => readKeyFile(readFileSync(join(directory, "tandem-keys.json"), "utf8"));
  assert.equal(statSync(join(directory, "tandem-keys.json")).mode & 0o777, 0o600);
  const { refresh } = file();
  assert.match(refresh[0].secret, /^[\w-]{43}$/);
  for (const [args, message] of [
    [["keys", "new"], /already exists/],
    [["keys", "rotate"], /--deployed/],
    [["keys", "retire"], /retire <kid>/],
    [["keys", "retire", "nobody"], /there is no key nobody/],
    [["keys", "check", "--file", "none.json"], /no such file/],
    [["keys", "roll"], /keys <command>/],
    [["keys", "rotate", "--deployd"], /keys <command>/],
    [["keys", "rotate", "--file", "--deployed"], /--file/],
    [["keys", "check", "--file"], /--file/],
    [["keys", "retire", "one", "two"], /keys <command>/],
    [["keys", "new", "--file", "b.json", "--idle-days", "two"], /--idle-days/],
    [[], /keys <command>/],
  ]) {
    const { status, stderr } = run(...args);
    assert.equal(status, 1, args.join(" "));
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
  assert.match(run("keys", "rotate", "--deployed").stdout, /on standby/);
  assert.match(run("keys", "check").stdout, /signing since.*\n.*standby, not deployed/);
  const [signing, standby] = file().refresh.map(({ kid }) => kid);
  assert.match(run("keys", "retire", signing).stdout, new RegExp(`${standby} signs`));
  const secret = JSON.parse(run("keys", "secret").stdout);
  assert.deepEqual(Object.keys(secret), ["refresh", "retired"]);
  assert.deepEqual(secret.retired, [signing]);
  assert.deepEqual(readdirSync(directory), ["tandem-keys.json"]);
});

test("a file that was edited wrongly is refused, and says where", () => {
  const good = rotated(fresh(at(0), 14).file, true, at(0)).file;
  const [a, b] = good.refresh;
  const cases = [
    ["{", /not JSON/],
    ["null", /idleDays/],
    [{ ...good, idleDays: 0 }, /idleDays/],
    [{ ...good, refresh: [] }, /at least one key/],
    [{ ...good, refresh: [b, a] }, /must come first in refresh/],
    [{ ...good, refresh: [a, a] }, /in refresh twice/],
    [{ ...good, refresh: [a] }, /standby in states but missing from refresh/],
    [{ ...good, refresh: [a, { ...b, secret: "short" }] }, /at least 32/],
    [{ ...good, retired: [b.kid] }, /must not be in refresh/],
    [{ ...good, retired: undefined }, /retired must/],
    [{ ...good, states: { [a.kid]: good.states[a.kid] } }, /missing from states/],
    ["7", /idleDays/],
    ["[]", /idleDays/],
    [{ ...good, refresh: [null] }, /without a kid/],
    [{ ...good, refresh: [a, { ...b, kid: "constructor" }] }, /constructor is missing from states/],
    [{ ...good, retired: [7] }, /list of kids/],
    [{ ...good, states: { ...good.states, [b.kid]: null } }, /state must be one of/],
    [{ ...good, states: { ...good.states, [b.kid]: { state: "resting", since: null } } }, /state must be one of/],
    // A date that cannot be read: the next step would take it for long ago, and drop the key.
    [{ ...good, states: { ...good.states, [b.kid]: { state: "standby", since: "2026-13-01" } } }, /since must be/],
    [{ ...good, states: { ...good.states, [b.kid]: { state: "standby" } } }, /since must be/],
  ];
  for (const [file, message] of cases) {
    const text = typeof file === "string" ? file : JSON.stringify(file);
    assert.throws(() => readKeyFile(text), { name: "KeyFileError", message }, text.slice(0, 80));
    writeFileSync(join(directory, "wrong.json"), text);
    const { status, stderr } = run("keys", "check", "--file", "wrong.json");
    assert.equal(status, 1);
    assert.doesNotMatch(stderr, /\n\s+at /, "a sentence, and no stack");
  }
});

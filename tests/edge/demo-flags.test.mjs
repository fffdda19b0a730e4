/** The flags of the demo, judged before it starts. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createSessions, memoryStore } from "tandem-jwt/session";
import { readFlags } from "../../www/flags.mjs";

describe("the flags of the demo", () => {
  test("what is left out has its default", () => {
    // A whole life within a minute.
    const spans = { "access-ttl": "15s", "refresh-idle": "1m", grace: "5s", recovery: "1m" };
    assert.deepEqual(readFlags([]), { port: 8787, cookies: "host", spans });
    assert.equal(readFlags(["--refresh-idle", "1h"]).spans.recovery, "1h");
    assert.equal(readFlags(["--access-ttl", "1m", "--recovery", "1m"]).spans["refresh-idle"], "1m");
    for (const longer of ["--access-ttl=2m", "--grace=1m", "--recovery=1h"])
      assert.equal(readFlags([longer]).spans["refresh-idle"], "14d", longer);
    assert.equal(readFlags(["--port=0", "--cookies=dev"]).cookies, "dev");
    assert.match(readFlags(["--help"]).help, /^usage: cargo xtask demo/);
  });

  test("what cannot be meant is an error that names the flag", () => {
    const wrong = [
      ["--prot", "1"],
      ["--port"],
      ["--port", "70000"],
      ["--port", "-1"],
      ["--port", "http"],
      ["--cookies", "none"],
      ["--cookies", ""],
      ["--access-ttl", "15"],
      ["--access-ttl", "15 m"],
      ["--access-ttl", "1w"],
      ["--grace", "-1s"],
      ["--recovery", "1.5h"],
      ["--refresh-idle", ""],
    ];
    for (const args of wrong) assert.ok(readFlags(args).error?.includes(args[0]), args.join(" "));
    assert.match(readFlags(["serve"]).error, /serve/);
  });

  test("times that do not go together are the ones that the sessions refuse", () => {
    const tables = {
      good: [
        "--access-ttl 90d",
        "--access-ttl 1s --grace 1s",
        "--recovery 0s",
        "--recovery 14d",
        "--grace 1d --recovery 2d",
        "--refresh-idle 90d",
      ],
      bad: [
        "--access-ttl 0s",
        "--access-ttl 91d",
        "--refresh-idle 91d",
        "--grace 0s",
        "--grace 14d --recovery 0s",
        "--grace 7d --recovery 7d",
        "--recovery 30s",
        "--recovery 15d",
        "--refresh-idle 30s",
      ],
    };
    const secret = "a secret for tests, of 32 bytes or more";
    for (const [kind, lines] of Object.entries(tables)) {
      for (const line of lines) {
        const flags = ["--access-ttl", "15m", "--refresh-idle", "14d", "--grace", "30s", ...line.split(" ")];
        assert.equal(readFlags(flags).error === undefined, kind === "good", line);
        const given = Object.fromEntries(line.split(" --").map((pair) => pair.replace("--", "").split(" ")));
        const {
          "access-ttl": accessTtl = "15m",
          "refresh-idle": refreshIdle = "14d",
          grace = "30s",
          recovery = refreshIdle === "14d" ? "7d" : refreshIdle,
        } = given;
        const make = () =>
          createSessions({
            issuer: "a",
            audience: "a",
            clientId: "a",
            keys: { access: secret },
            store: memoryStore(),
            accessTtl,
            refreshIdle,
            grace,
            recovery,
          });
        if (kind === "good") make();
        else assert.throws(make, line);
      }
    }
  });
});

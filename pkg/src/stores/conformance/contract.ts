// The contract of a store, method by method.

import { type Epoch, type Page, type SessionStore, type Subject, subjectEpoch } from "../../session/store.js";
import { LONGEST_RECORD } from "../limits.js";
import { type ConformanceTest, holds, index, type Plan, same, sessionKeyOf, someone } from "./plan.js";

/**
 * Tests of one method each. They run through two servers if that can make a difference, because a store that caches in
 * the process passes alone and fails with a second server. `Plan.makeStore` gives each test its own stores.
 */
export function contract({ makeStore }: Plan): ConformanceTest[] {
  type Run = (here: SessionStore, there: SessionStore) => Promise<string | void>;
  const test = (name: string, run: Run, needs?: ConformanceTest["needs"]): ConformanceTest => ({
    name,
    needs,
    run: async () => run(await makeStore(), await makeStore()),
  });
  return [
    // `createSessions` refuses any other store, so all further tests would be pointless.
    test("says that it is linearizable", async ({ consistency }) => same(consistency, "linearizable", "consistency")),

    test("a record is kept once and read as it was written", async (here, there) => {
      const key = sessionKeyOf(someone(), "a");
      same(await there.load(key), null, "before it was created");
      // Every byte value once: a store that treats records as text corrupts those that are not UTF-8.
      const record = Uint8Array.from({ length: 256 }, (_, at) => at);
      same(await here.create(key, record, index()), true, "created");
      same(await found(there, key), [record, 1], "record and version");
      same(await there.create(key, Uint8Array.of(1), index()), false, "created again");
      same(await found(here, key), [record, 1], "record and version after that");
    }),

    // A column or buffer that is too short would fail only for the few users with long claims.
    test("a record may be 4 KB", async (here, there) => {
      const key = sessionKeyOf(someone(), "a");
      const longest = new Uint8Array(LONGEST_RECORD).map((_, at) => at * 7);
      same(await here.create(key, longest, index()), true, "created");
      same(await found(there, key), [longest, 1], "record and version");
    }),

    // The caller may reuse its bytes, and a store that kept a reference would see its records change.
    test("bytes are copied on their way in and out", async (here) => {
      const key = sessionKeyOf(someone(), "a");
      const given = Uint8Array.of(1, 2, 3);
      await here.create(key, given, index());
      given.fill(9);
      (await here.load(key))?.record.fill(8);
      same(await found(here, key), [Uint8Array.of(1, 2, 3), 1], "after create");
      const next = Uint8Array.of(4, 5);
      await here.compareAndSet(key, 1, next, index());
      next.fill(9);
      for (const record of (await here.list(key.iss, key.sub)).records) record.fill(8);
      same(await found(here, key), [Uint8Array.of(4, 5), 2], "after compareAndSet");
    }),

    test("names may hold anything, and none runs into another", async (here, there) => {
      // Names that collide if they are joined by a separator, escaped carelessly, or compared without case, without
      // trailing blanks or as patterns. A client that can choose a name could otherwise reach another user's sessions.
      const tag = crypto.randomUUID();
      const names = [
        ["a", "b", "c"],
        ["a:b", "c", "d"],
        ["a", "b:c", "d"],
        ["a/b", "c", "d"],
        ["a", "b/c", "d"],
        ["{a}", "b", "c"],
        ["a", "{b}", "c"],
        ["a}", "{b", "c"],
        ["a", "b.:c", "d"],
        ["a", "b", "c.:d"],
        ["a\\", "0b", "c"],
        ["a", "\\0b", "c"],
        ["a", "\0b", "c"],
        ["%61", "b", "c"],
        ["a'b", 'c"d', "e"],
        ["a", "ä 日 😀", "c"],
        ["a", "x".repeat(255), "c"],
        ["a", "b", "C"],
        ["A", "b", "c"],
        ["a", "b ", "c"],
        ["a", "b", "*"],
        ["a", "b%", "c"],
      ].map(([iss, sub, sid]) => ({ iss: `${tag}${iss}`, sub: `${sub}.`, sid: `${sid}.` }));
      for (const [at, key] of names.entries())
        same(await here.create(key, Uint8Array.of(at), index()), true, `created ${JSON.stringify(key)}`);
      for (const [at, key] of names.entries())
        same(await found(there, key), [Uint8Array.of(at), 1], JSON.stringify(key));
      const { iss, sub } = names[0]!;
      const theirs = [...names.keys()].filter((at) => names[at]!.iss === iss && names[at]!.sub === sub);
      same(sorted(await there.list(iss, sub)), theirs, "listed under the first name");
    }),

    test("of those who create the same session at once, one does", async (here, there) => {
      const key = sessionKeyOf(someone(), "a");
      // Sixteen concurrent calls over two connections: a store that checks first and creates later lets several
      // through.
      const created = await Promise.all(
        many(16, (at) => (at % 2 ? here : there).create(key, Uint8Array.of(at), index())),
      );
      same(created.filter(Boolean).length, 1, "how many created it");
      same(await found(here, key), [Uint8Array.of(created.indexOf(true)), 1], "record and version");
    }),

    test("compareAndSet writes over the version that it names, and no other", async (here, there) => {
      const key = sessionKeyOf(someone(), "a");
      same(await here.compareAndSet(key, 1, Uint8Array.of(1), index()), false, "without a record");
      same(await there.load(key), null, "still no record");
      await here.create(key, Uint8Array.of(0), index());
      // The version before and after the right one, and one that no record ever has.
      for (const version of [0, 2, -1])
        same(await there.compareAndSet(key, version, Uint8Array.of(7), index()), false, `version ${version}`);
      same(await found(there, key), [Uint8Array.of(0), 1], "record and version");
      for (const version of [1, 2, 3]) {
        same(
          await here.compareAndSet(key, version, Uint8Array.of(version), index({ active: version !== 3 })),
          true,
          `version ${version}`,
        );
        same(await found(there, key), [Uint8Array.of(version), version + 1], "what the other server reads");
        same(await there.compareAndSet(key, version, Uint8Array.of(9), index()), false, `version ${version} again`);
      }
    }),

    // This makes a rotation safe: two winners would hand out two successors of one token.
    test("of those who write over the same version at once, one does", async (here, there) => {
      const key = sessionKeyOf(someone(), "a");
      await here.create(key, Uint8Array.of(255), index());
      for (const version of [1, 2, 3, 4, 5]) {
        const won = await Promise.all(
          many(32, (at) => (at % 2 ? here : there).compareAndSet(key, version, Uint8Array.of(at), index())),
        );
        same(won.filter(Boolean).length, 1, "how many were told that they wrote");
        same(
          await found(version % 2 ? here : there, key),
          [Uint8Array.of(won.indexOf(true)), version + 1],
          "record and version",
        );
      }
    }),

    test("an epoch grows with every change, is the user's own, and is there before the first session", async (here, there) => {
      const [subject, other] = [someone(), someone()];
      // An hour of leeway, because the store's clock may be another machine's. A store that counts in seconds is still
      // detected.
      const earliest = Date.now() - HOUR_MS;
      const first = await here.bumpEpoch(subject);
      holds(first >= earliest && Number.isSafeInteger(first), "it is a time in milliseconds");
      const second = await there.bumpEpoch(subject);
      holds(second > first, "the second is greater");
      for (const [whose, value] of [
        [subject, second],
        // Another user, and the same user of another issuer, are not affected.
        [other, 0],
        [{ ...subject, iss: other.sub }, 0],
      ] as const) {
        await here.create(sessionKeyOf(whose, "a"), Uint8Array.of(1), index());
        same(await epochOf(there, whose), { value }, "epoch");
        same(kept((await there.list(whose.iss, whose.sub)).epoch), { value }, "epoch of the list");
      }
    }),

    // `keptFrom` stays while the same session is kept, so it survives several bumps in a row. It changes when another
    // session is kept, because that session may have ended earlier.
    test("an epoch remembers whom it kept, and since when", async (here, there) => {
      const subject = someone();
      await here.create(sessionKeyOf(subject, "a"), Uint8Array.of(1), index());
      const first = await here.bumpEpoch(subject, "a");
      same(await epochOf(there, subject), { value: first, keep: "a", keptFrom: 0 }, "kept");
      const second = await there.bumpEpoch(subject, "a");
      same(await epochOf(here, subject), { value: second, keep: "a", keptFrom: 0 }, "kept again");
      const third = await here.bumpEpoch(subject, "b");
      same(await epochOf(there, subject), { value: third, keep: "b", keptFrom: second }, "another one kept");
      const fourth = await there.bumpEpoch(subject);
      same(await epochOf(here, subject), { value: fourth }, "none kept");
      const fifth = await here.bumpEpoch(subject, "b");
      same(await epochOf(there, subject), { value: fifth, keep: "b", keptFrom: fourth }, "kept, after none was");
    }),

    test("changes of an epoch at once are all done", async (here, there) => {
      const subject = someone();
      await here.create(sessionKeyOf(subject, "a"), Uint8Array.of(1), index());
      // A store that reads the epoch and writes it later returns the same value to two callers, and loses one sign-out.
      const values = await Promise.all(many(32, (at) => (at % 2 ? here : there).bumpEpoch(subject)));
      same(new Set(values).size, values.length, "different values");
      same(await epochOf(here, subject), { value: Math.max(...values) }, "epoch");
    }),

    // A record with an older epoch looks active although its user has just signed out everywhere.
    test("an epoch is never older than the record it comes with", async (here, there) => {
      const subject = someone();
      const key = sessionKeyOf(subject, "a");
      await here.create(key, Uint8Array.of(0), index());
      const bumped: number[] = [];
      let done = false;
      const writer = async () => {
        try {
          for (let version = 1; version <= 40; version++) {
            // The epoch is acknowledged before the record of that version is written, so a reader that sees the record
            // must also see the epoch.
            bumped[version + 1] = await here.bumpEpoch(subject);
            await here.compareAndSet(key, version, Uint8Array.of(version), index());
          }
        } finally {
          done = true;
        }
      };
      const reader = async () => {
        while (!done) {
          const loaded = await there.load(key);
          const { value } = subjectEpoch(loaded?.epoch);
          const least = bumped[loaded?.version ?? 0] ?? 0;
          holds(value >= least, `version ${loaded?.version} was written after epoch ${least}, and came with ${value}`);
          // Yields to the writer if the store answers without leaving the process.
          await new Promise((resume) => setTimeout(resume, 0));
        }
      };
      await Promise.all([writer(), ...many(4, reader)]);
    }),

    test("a list has every session of the user once, in pages, and no other's", async (here, there) => {
      const [subject, other] = [someone(), someone()];
      same(sorted(await here.list(subject.iss, subject.sub)), [], "of a user without sessions");
      // More than two pages of the built-in stores.
      await Promise.all(many(230, (at) => here.create(sessionKeyOf(subject, `s${at}`), Uint8Array.of(at), index())));
      await here.create(sessionKeyOf(other, "s"), Uint8Array.of(1), index());
      await here.compareAndSet(sessionKeyOf(subject, "s7"), 1, Uint8Array.of(240), index());
      const expected = [...many(230, (at) => at).filter((at) => at !== 7), 240];
      same(await everyPage(there, subject), expected, "records");
    }),

    test("what comes and goes while a list is read hides nothing else of it", async (here, there) => {
      const subject = someone();
      await Promise.all(many(150, (at) => here.create(sessionKeyOf(subject, `s${at}`), Uint8Array.of(at), index())));
      const writes = async () => {
        for (let at = 0; at < 40; at++)
          await here.create(sessionKeyOf(subject, `new ${at}`), Uint8Array.of(200), index());
        for (let at = 0; at < 40; at++)
          await here.compareAndSet(sessionKeyOf(subject, `s${at}`), 1, Uint8Array.of(at), index({ days: 20 }));
      };
      const first = await there.list(subject.iss, subject.sub);
      await writes();
      const records = [...sorted(first), ...(await everyPage(there, subject, first.cursor))].filter(
        (record) => record < 200,
      );
      same(new Set(records).size, 150, "how many of those that were there all the time");
    }),

    test(
      "of those who use a name for the first time at once, one does",
      async (here, there) => {
        if (here.firstUse === undefined) return "the store has no firstUse";
        const [subject, other] = [someone(), someone()];
        const until = Math.floor(Date.now() / 1000) + 120;
        // As long as a real identifier: 43 characters of base64url.
        const name = () => `${crypto.randomUUID()}0123456`;
        const [a, b] = [name(), name()];
        const first = await Promise.all(many(16, (at) => (at % 2 ? here : there).firstUse!(subject, a, until)));
        same(first.filter(Boolean).length, 1, "how many were told that they were first");
        same(await there.firstUse!(subject, b, until), true, "another name");
        same(await here.firstUse(other, name(), until), true, "a name of another user");
        for (const id of [a, b]) same(await here.firstUse(subject, id, until), false, "again");
        return undefined;
      },
      "firstUse",
    ),

    test(
      "a sweep takes what has expired, so much at a time, and nothing else",
      async (here, there) => {
        if (here.sweep === undefined) return "the store has no sweep";
        const subject = someone();
        const now = Math.floor(Date.now() / 1000);
        for (let at = 0; at < 12; at++)
          await here.create(sessionKeyOf(subject, `gone ${at}`), Uint8Array.of(at), index({ days: -30 }));
        await here.create(sessionKeyOf(subject, "lives"), Uint8Array.of(100), index());
        // A revoked session stays until its end, so that its tokens are distinguished from those of an unknown session.
        await here.create(sessionKeyOf(subject, "revoked"), Uint8Array.of(101), index({ active: false }));
        // Written with an old expiry and then with a new one: a sweep must use the latest.
        await here.create(sessionKeyOf(subject, "prolonged"), Uint8Array.of(0), index({ days: -30 }));
        await here.compareAndSet(sessionKeyOf(subject, "prolonged"), 1, Uint8Array.of(102), index());
        const proof = `${crypto.randomUUID()}0123456`;
        await here.firstUse?.(subject, proof, now + 120);
        let swept = 0;
        // The database may hold expired rows from elsewhere, so the sweep is repeated until it finds nothing.
        for (let last = -1; last !== 0; swept += last) {
          last = await here.sweep(now, 5);
          holds(last <= 5, `${last} rows were swept, and 5 asked for`);
          holds(swept < 100_000, "the sweep comes to an end");
        }
        holds(swept >= 12, `${swept} were swept in all, of 12 at least`);
        same(await everyPage(there, subject), [100, 101, 102], "what is left");
        same(await there.load(sessionKeyOf(subject, "gone 1")), null, "a row that was swept");
        holds(
          (await there.firstUse?.(subject, proof, now + 120)) !== true,
          "a proof that is still good is not forgotten",
        );
        return undefined;
      },
      "sweep",
    ),
  ];
}

const HOUR_MS = 3_600_000;

function many<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

/** The record and its version, or null. Also checks the store's clock: in seconds, and of today. */
async function found(store: SessionStore, key: Subject & { sid: string }): Promise<unknown> {
  const loaded = await store.load(key);
  if (loaded === null) return null;
  const { now } = loaded;
  holds(
    now === undefined || Math.abs(now * 1000 - Date.now()) < 24 * HOUR_MS,
    `now is in seconds since 1970, not ${now}`,
  );
  return [loaded.record, loaded.version];
}

/** An epoch without its clock, which differs on each read. */
function kept(epoch: Epoch | undefined): unknown {
  const { clock: _, ...rest } = subjectEpoch(epoch);
  return rest;
}

/** The epoch that is loaded with the session `a` of a subject. */
async function epochOf(store: SessionStore, subject: Subject): Promise<unknown> {
  const loaded = await store.load(sessionKeyOf(subject, "a"));
  return kept(loaded?.epoch);
}

/** The first byte of each record, sorted. */
function sorted({ records }: Page): number[] {
  return records.map(([first]) => first!).sort((a, b) => a - b);
}

/** The first byte of each record, from a cursor on. */
async function everyPage(store: SessionStore, { iss, sub }: Subject, from?: string): Promise<number[]> {
  const all: number[] = [];
  let cursor = from;
  do {
    const page = await store.list(iss, sub, cursor);
    all.push(...sorted(page));
    cursor = page.cursor;
    holds(all.length < 10_000, "the list comes to an end");
  } while (cursor !== undefined);
  return all.sort((a, b) => a - b);
}

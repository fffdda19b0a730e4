// The memory store, and every way in which a store can be wrong: the suite must detect them all.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import { memoryStore } from "tandem-jwt/session";
import { conformance } from "tandem-jwt/stores/conformance";

import { testStore } from "./suite.mjs";

const store = memoryStore();
testStore(() => store);

test("the suite and the stores can be required", async () => {
  const require = createRequire(import.meta.url);
  const store = require("tandem-jwt/session").memoryStore();
  for (const { run } of require("tandem-jwt/stores/conformance").conformance(() => store, { interleavings: 5 }))
    await run();
  assert.throws(() => require("tandem-jwt/stores/redis").redisStore({}), {
    name: "TypeError",
    message: /redis or ioredis/,
  });
  assert.throws(() => require("tandem-jwt/stores/postgres").postgresStore({}), {
    name: "TypeError",
    message: /npm pg/,
  });
});

test("a sweep between two pages hides no session", async () => {
  const store = memoryStore();
  const key = (at) => ({ iss: "https://id.example", sub: "ada", sid: `s${at}` });
  const [soon, late] = [1_800_000_000, 1_900_000_000];
  for (let at = 0; at < 250; at++)
    await store.create(key(at), Uint8Array.of(at), { expiresAt: at < 60 ? soon : late, active: true });
  const first = await store.list("https://id.example", "ada");
  assert.equal(await store.sweep(soon, 1_000), 60);
  const seen = first.records.map(([at]) => at);
  for (let { cursor } = first; cursor !== undefined; ) {
    const page = await store.list("https://id.example", "ada", cursor);
    seen.push(...page.records.map(([at]) => at));
    ({ cursor } = page);
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 250 }, (_, at) => at),
  );
});

test("chance is the same from the same seed", async () => {
  const { compareAndSet, ...broken } = memoryStore();
  const fails = () => ({
    ...broken,
    compareAndSet: async (key, version, ...rest) => version !== 3 && compareAndSet(key, version, ...rest),
  });
  const inner = fails();
  const run = async (options) => {
    const { run } = conformance(() => inner, options).find(({ name }) => /of operations/.test(name));
    return run().then(
      () => "passed",
      ({ message }) => message,
    );
  };
  const first = await run({ seed: 7, interleavings: 500, parallel: 1 });
  assert.match(first, /^with \{ seed: \d+, interleavings: 1 \}: no order of these operations/);
  const seed = Number(/seed: (\d+)/.exec(first)[1]);
  assert.equal(await run({ seed, interleavings: 1 }), first);
});

const soon = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Each breaks one promise. */
const BROKEN = {
  "is eventually consistent": () => ({ consistency: "eventual" }),
  "writes over any version": (inner) => ({
    compareAndSet: async (key, _, ...rest) => {
      const loaded = await inner.load(key);
      return loaded !== null && inner.compareAndSet(key, loaded.version, ...rest);
    },
  }),
  "compares first and sets later": (inner) => ({
    compareAndSet: async (key, version, record, index) => {
      if ((await inner.load(key))?.version !== version) return false;
      await soon();
      let loaded = await inner.load(key);
      while (!(await inner.compareAndSet(key, loaded.version, record, index))) loaded = await inner.load(key);
      return true;
    },
  }),
  "says that it wrote when it did not": (inner) => ({
    compareAndSet: async (...all) => {
      await inner.compareAndSet(...all);
      return true;
    },
  }),
  "says that it did not write when it did": (inner) => {
    let writes = 0;
    return { compareAndSet: async (...all) => (await inner.compareAndSet(...all)) && ++writes % 50 > 0 };
  },
  "reads what it read before": (inner) => {
    const cache = new Map();
    return {
      load: async (key) => {
        const name = JSON.stringify(key);
        if (!cache.has(name)) cache.set(name, await inner.load(key));
        return cache.get(name) && { ...cache.get(name), record: cache.get(name).record.slice() };
      },
    };
  },
  "reads a replica that lags a little": (inner) => {
    const before = new Map();
    return {
      load: async (key) => {
        const name = JSON.stringify(key);
        const [old, fresh] = [before.get(name), await inner.load(key)];
        setTimeout(() => before.set(name, fresh), 1);
        return Math.random() < 0.05 && old !== undefined ? old : fresh;
      },
    };
  },
  "creates over what is there": (inner) => ({
    create: async (key, ...rest) => {
      if (await inner.create(key, ...rest)) return true;
      const { version } = await inner.load(key);
      return inner.compareAndSet(key, version, ...rest);
    },
  }),
  "looks first and creates later": (inner) => ({
    create: async (key, ...rest) => {
      if ((await inner.load(key)) !== null) return false;
      await soon();
      if (!(await inner.create(key, ...rest))) await inner.compareAndSet(key, 1, ...rest);
      return true;
    },
  }),
  "keeps the caller's bytes": (inner) => {
    const kept = new Map();
    return {
      create: async (key, record, index) => {
        kept.set(JSON.stringify(key), record);
        return inner.create(key, record, index);
      },
      load: async (key) => {
        const loaded = await inner.load(key);
        return loaded && loaded.version === 1 ? { ...loaded, record: kept.get(JSON.stringify(key)).slice() } : loaded;
      },
    };
  },
  "cuts long records off": (inner) => ({
    create: (key, record, index) => inner.create(key, record.subarray(0, 4000), index),
  }),
  "keeps records as text": (inner) => ({
    create: (key, record, index) =>
      inner.create(key, new TextEncoder().encode(new TextDecoder().decode(record)), index),
  }),
  "joins names with a colon": (inner) => ({
    create: ({ iss, sub, sid }, ...rest) => inner.create({ iss: "", sub: `${iss}:${sub}`, sid }, ...rest),
    load: ({ iss, sub, sid }) => inner.load({ iss: "", sub: `${iss}:${sub}`, sid }),
    compareAndSet: ({ iss, sub, sid }, ...rest) => inner.compareAndSet({ iss: "", sub: `${iss}:${sub}`, sid }, ...rest),
    bumpEpoch: ({ iss, sub }, keep) => inner.bumpEpoch({ iss: "", sub: `${iss}:${sub}` }, keep),
    list: (iss, sub, cursor) => inner.list("", `${iss}:${sub}`, cursor),
  }),
  "ignores the case of names": (inner) => {
    const low = ({ iss, sub, sid }) => ({ iss, sub, sid: sid.toLowerCase() });
    return {
      create: (key, ...rest) => inner.create(low(key), ...rest),
      load: (key) => inner.load(low(key)),
      compareAndSet: (key, ...rest) => inner.compareAndSet(low(key), ...rest),
    };
  },
  "reads an epoch and writes it later": (inner, epochs = new Map()) => ({
    bumpEpoch: async (subject) => {
      const name = JSON.stringify([subject.iss, subject.sub]);
      const next = Math.max((epochs.get(name) ?? 0) + 1, Date.now());
      await soon();
      epochs.set(name, next);
      return next;
    },
    load: async (key) => {
      const loaded = await inner.load(key);
      return loaded && { ...loaded, epoch: { value: epochs.get(JSON.stringify([key.iss, key.sub])) ?? 0 } };
    },
  }),
  "forgets whom an epoch keeps": (inner) => ({ bumpEpoch: (subject) => inner.bumpEpoch(subject) }),
  "gives an epoch that is older than the record": (inner) => ({
    load: async (key) => {
      const before = await inner.load(key);
      await soon();
      const after = await inner.load(key);
      return after && { ...after, epoch: before?.epoch ?? 0 };
    },
  }),
  "forgets an epoch without sessions": (inner) => ({
    bumpEpoch: async (subject, keep) => {
      const { records } = await inner.list(subject.iss, subject.sub);
      return records.length > 0 ? inner.bumpEpoch(subject, keep) : Date.now();
    },
  }),
  "has clocks in seconds": (inner) => ({
    bumpEpoch: async (...all) => Math.floor((await inner.bumpEpoch(...all)) / 1000),
  }),
  "lists one page": (inner) => ({ list: async (iss, sub) => ({ ...(await inner.list(iss, sub)), cursor: undefined }) }),
  "lists a page twice": (inner) => ({
    list: async (iss, sub, cursor) => {
      const page = await inner.list(iss, sub, cursor);
      return { ...page, records: cursor === undefined ? page.records : [...page.records, ...page.records] };
    },
  }),
  "forgets proofs when it sweeps": (inner) => {
    const used = new Set();
    return {
      firstUse: async (_, id) => !used.has(id) && Boolean(used.add(id)),
      sweep: (...all) => {
        used.clear();
        return inner.sweep(...all);
      },
    };
  },
  "takes a proof twice": () => ({ firstUse: async () => true }),
  "takes no proof of a second user": (inner) => {
    let first;
    return {
      firstUse: async ({ sub }, ...all) => {
        first ??= sub;
        return first === sub && inner.firstUse({ iss: "i", sub }, ...all);
      },
    };
  },
  "lets two have the same proof at once": () => {
    const used = new Set();
    return {
      firstUse: async (_, id) => {
        if (used.has(id)) return false;
        await soon();
        used.add(id);
        return true;
      },
    };
  },
  "sweeps what lives": (inner) => ({ sweep: (now, limit) => inner.sweep(now + 30 * 86_400, limit) }),
  "sweeps more than it is asked to": (inner) => ({ sweep: (now) => inner.sweep(now, 1000) }),
  "sweeps nothing": () => ({ sweep: async () => 0 }),
  "has a transact that lets others in between": (inner) => ({
    transact: async (key, command) => {
      const { runStep } = await import("tandem-jwt/session");
      const loaded = await inner.load(key);
      await soon();
      const step = runStep(loaded?.record ?? null, loaded?.epoch ?? 0, command);
      if (step.record === undefined) return step.outcome;
      let { version } = await inner.load(key);
      while (!(await inner.compareAndSet(key, version, step.record, step.index))) version += 1;
      return step.outcome;
    },
  }),
};

for (const [what, breakIt] of Object.entries(BROKEN)) {
  test(`a store that ${what} fails`, async () => {
    const inner = memoryStore();
    const broken = { ...inner, transact: undefined, ...breakIt(inner) };
    const failed = [];
    for (const { name, run } of conformance(() => broken, { interleavings: 300, seed: 1 })) {
      await run().catch((error) => failed.push(`${name}: ${error.message.split("\n")[0]}`));
      if (failed.length > 0) break;
    }
    assert.notDeepEqual(failed, []);
  });
}

// Random operations, some of them concurrent. Their answers must match those of the memory store in some order.

import { type Epoch, type SessionStore, type Subject, subjectEpoch } from "../../session/store.js";
import { memoryStore } from "../memory.js";
import {
  type ConformanceTest,
  forEachSeed,
  index,
  type Plan,
  SeededRandom,
  sessionKeyOf,
  shown,
  someone,
} from "./plan.js";

/** A call of a store method, as data, so that the same calls can be replayed on another store. */
type Operation =
  | { readonly do: "create"; readonly sid: string; readonly record: Uint8Array; readonly active: boolean }
  | { readonly do: "load"; readonly sid: string }
  | {
      readonly do: "compareAndSet";
      readonly sid: string;
      readonly version: number;
      readonly record: Uint8Array;
      readonly active: boolean;
    }
  | { readonly do: "bumpEpoch"; readonly keep: string | undefined }
  | { readonly do: "list" };

/** Rounds of random operations. */
export function interleavings(plan: Plan): ConformanceTest[] {
  const name = `${plan.rounds} interleavings of operations end as in the memory store`;
  return [
    {
      name,
      run: async () => {
        const stores = [await plan.makeStore(), await plan.makeStore()];
        await forEachSeed(plan, (seed) => round(stores, new SeededRandom(seed)));
      },
    },
  ];
}

/** Two sessions are enough to observe the effect of a call on another session. */
const SIDS = ["a", "b"] as const;
/** The final reads: a write that was answered incorrectly shows only in what it left behind. */
const FINALLY: readonly Operation[] = [...SIDS.map((sid) => ({ do: "load", sid }) as const), { do: "list" }];

/**
 * A few sequential calls, then two to four concurrent ones, then reads. The answers are right if some order of the
 * concurrent calls gives the same answers on the memory store, which is the definition of linearizable.
 */
async function round(stores: SessionStore[], random: SeededRandom): Promise<void> {
  const before: Operation[] = [{ do: "create", sid: "a", record: someBytes(random), active: true }];
  for (let left = random.below(8); left > 0; left--) before.push(some(random, versionsAfter(before)));
  const versions = versionsAfter(before);
  const together = Array.from({ length: 2 + random.below(3) }, () => some(random, versions));

  const subject = someone();
  const history = new History();
  for (const [at, operation] of before.entries()) await history.note(stores[at % 2]!, subject, operation);
  // All are started before any is awaited. Each writes its answer to its own position, whichever comes first.
  const late = together.map((operation, at) => history.note(stores[at % 2]!, subject, operation));
  await Promise.all(late);
  for (const operation of FINALLY) await history.note(stores[random.below(2)]!, subject, operation);
  const actual = history.shown();

  for (const order of orders(together)) {
    if ((await replayed(subject, before, together, order)) === actual) return;
  }
  const what = [...before, "then at once", ...together, "then", ...FINALLY].map(shown).join("\n");
  throw new Error(`no order of these operations explains the answers\n${what}\nanswers ${actual}`);
}

/**
 * Replays operations on the memory store: the concurrent ones run in the given order, and each answer keeps its
 * position.
 */
async function replayed(subject: Subject, before: Operation[], together: Operation[], order: Part[]): Promise<string> {
  let ms = 1_000_000;
  // A clock that advances only when it is read, so that every epoch is different.
  const store = memoryStore({ nowMs: () => ++ms });
  const history = new History();
  for (const operation of before) await history.note(store, subject, operation);
  const first = history.skip(together.length);
  for (const { at, epoch } of order) {
    if (epoch) await history.noteEpoch(store, subject, first + at);
    else await history.note(store, subject, together[at]!, first + at);
  }
  for (const operation of FINALLY) await history.note(store, subject, operation);
  return history.shown();
}

/** Answers with epochs replaced by their rank, because each store has its own clock. */
class History {
  #answers: unknown[] = [];
  // 0 is the epoch of a subject that has none, so it has a rank too.
  #epochs: number[] = [0];

  async note(store: SessionStore, subject: Subject, operation: Operation, at = this.skip(1)): Promise<void> {
    this.#answers[at] = await this.#answer(store, subject, operation);
  }

  /** Reads the epoch again into an answer. */
  async noteEpoch(store: SessionStore, { iss, sub }: Subject, at: number): Promise<void> {
    const { epoch } = await store.list(iss, sub);
    if (this.#answers[at] !== null) this.#answers[at] = { ...(this.#answers[at] as object), ...epochShown(epoch) };
  }

  /** Reserves positions for answers that come later. */
  skip(count: number): number {
    const at = this.#answers.length;
    this.#answers.length += count;
    return at;
  }

  shown(): string {
    const ranks = new Map([...this.#epochs].sort((a, b) => a - b).map((value, rank) => [value, rank]));
    return shown(
      this.#answers.map((answer) =>
        JSON.parse(shown(answer), (name, value: unknown) =>
          // An epoch that no bump returned has no rank, so it matches nothing in the expected answers.
          name === "epoch" ? (ranks.get(value as number) ?? "of nowhere") : value,
        ),
      ),
    );
  }

  async #answer(store: SessionStore, subject: Subject, operation: Operation): Promise<unknown> {
    switch (operation.do) {
      case "create":
        return store.create(sessionKeyOf(subject, operation.sid), operation.record, index(operation));
      case "compareAndSet":
        return store.compareAndSet(
          sessionKeyOf(subject, operation.sid),
          operation.version,
          operation.record,
          index(operation),
        );
      case "bumpEpoch": {
        const epoch = await store.bumpEpoch(subject, operation.keep);
        this.#epochs.push(epoch);
        return { epoch };
      }
      case "load": {
        const loaded = await store.load(sessionKeyOf(subject, operation.sid));
        return loaded && { record: loaded.record, version: loaded.version, ...epochShown(loaded.epoch) };
      }
      case "list": {
        const page = await store.list(subject.iss, subject.sub);
        // Sorted, because the contract leaves the order of a list to the store.
        return { records: page.records.map(shown).sort(), ...epochShown(page.epoch) };
      }
    }
  }
}

function epochShown(epoch: Epoch): object {
  const { value, keep, keptFrom } = subjectEpoch(epoch);
  return { of: { epoch: value }, keep, from: keptFrom === undefined ? undefined : { epoch: keptFrom } };
}

/** The highest version that each record can have. Only used to make likely guesses. */
function versionsAfter(operations: Operation[]): ReadonlyMap<string, number> {
  const versions = new Map<string, number>();
  for (const operation of operations) {
    if (operation.do === "create" && !versions.has(operation.sid)) versions.set(operation.sid, 1);
    if (operation.do === "compareAndSet" && versions.get(operation.sid) === operation.version)
      versions.set(operation.sid, operation.version + 1);
  }
  return versions;
}

/** A random call. Most use one session, so that they conflict. */
function some(random: SeededRandom, versions: ReadonlyMap<string, number>): Operation {
  const sid = random.of(["a", "a", "a", "b"]);
  const active = random.below(8) > 0;
  const kind = random.of([
    "create",
    "load",
    "load",
    "compareAndSet",
    "compareAndSet",
    "compareAndSet",
    "bumpEpoch",
    "list",
  ] as const);
  switch (kind) {
    case "create":
      return { do: kind, sid, record: someBytes(random), active };
    case "compareAndSet":
      return {
        do: kind,
        sid,
        // Usually the right version: a refused write tests little.
        version: (versions.get(sid) ?? 1) + random.of([0, 0, 0, 0, 0, 1, -1]),
        record: someBytes(random),
        active,
      };
    case "bumpEpoch":
      return { do: kind, keep: random.of([undefined, "a", "b"]) };
    case "load":
      return { do: kind, sid };
    case "list":
      return { do: kind };
  }
}

function someBytes(random: SeededRandom): Uint8Array {
  return Uint8Array.from({ length: 1 + random.below(6) }, () => random.below(256));
}

/**
 * One of the concurrent operations, or only its read of the epoch, which may come later than its read of the record.
 * The contract allows that order, and forbids the reverse.
 */
interface Part {
  readonly at: number;
  readonly epoch: boolean;
}

/** All orders, beginning with those in which nothing comes between reading a record and its epoch. */
function* orders(together: readonly Operation[]): Generator<Part[]> {
  const whole = together.map((_, at) => ({ at, epoch: false }));
  yield* shuffled(whole);
  const later = [...together.entries()].filter(([, { do: kind }]) => kind === "load" || kind === "list");
  yield* shuffled([...whole, ...later.map(([at]) => ({ at, epoch: true }))]);
}

/** All orders in which no epoch is read before its record. */
function* shuffled(left: readonly Part[], done: readonly Part[] = []): Generator<Part[]> {
  if (left.length === 0) yield [...done];
  for (const part of left) {
    if (part.epoch && left.some(({ at, epoch }) => at === part.at && !epoch)) continue;
    yield* shuffled(
      left.filter((other) => other !== part),
      [...done, part],
    );
  }
}

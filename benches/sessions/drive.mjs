// Sessions over a store that grows, and what a refresh then takes.

import { createSessions } from "tandem-jwt/session";

export const ISSUER = "https://id.example";
const cookie = { transport: "cookie" };

// Two minutes pass before every refresh: a session that was refreshed a moment ago would get its tokens again, and
// write nothing. Workers know no time before the first request.
let passed = 0;
const now = () => Date.now() / 1000 + passed;

/** Sessions by cookie over a store. */
export function sessionsOver(store) {
  const sessions = createSessions({
    issuer: ISSUER,
    audience: "api",
    clientId: "web",
    keys: { access: "a secret of at least thirty-two bytes" },
    store,
    now,
  });
  const request = { scope: "read write", claims: { role: "user" }, device: "Firefox on Linux", ...cookie };
  return {
    issue: async (sub) => (await sessions.issue({ sub, ...request })).refresh,
    /** The token to present next. */
    async refresh(token) {
      passed += 120;
      const answer = await sessions.refresh(token, cookie);
      if (answer.outcome !== "rotated") throw new Error(`a refresh was ${answer.outcome ?? answer.error}`);
      return answer.refresh;
    },
    list: (sub) => sessions.list(sub),
  };
}

/** The record of a session and its index, for filler rows of no real user. */
export async function sampleOf(store) {
  let sample;
  const watched = {
    ...store,
    create: (key, record, index) => {
      sample ??= { record: record.slice(), ...index };
      return store.create(key, record, index);
    },
  };
  await sessionsOver(watched).issue("a user for the sample");
  return sample;
}

/**
 * Lets a store grow to each of the sizes and refreshes there. `fill(from, to)` adds rows that are nobody's, in bulk; up
 * to `refreshes` sessions are real. `used`, if given, says how many bytes the store takes. Returns `{ size, samples,
 * bytes }` a size, samples in microseconds.
 */
export async function grow(store, { sizes, refreshes, fill, used = async () => 0 }) {
  const sessions = sessionsOver(store);
  const empty = await used();
  const tokens = [];
  let filled = 0;
  const points = [];
  for (const size of sizes) {
    while (tokens.length < Math.min(size, refreshes)) tokens.push(await sessions.issue(`real user ${tokens.length}`));
    const wanted = size - tokens.length;
    if (wanted > filled) await fill(filled, wanted);
    filled = Math.max(filled, wanted);
    const bytes = ((await used()) - empty) / size;
    const samples = [];
    // The first round is to warm up what has to be.
    for (let at = -refreshes; at < refreshes; at++) {
      const mine = (at + refreshes) % tokens.length;
      const start = performance.now();
      tokens[mine] = await sessions.refresh(tokens[mine]);
      if (at >= 0) samples.push((performance.now() - start) * 1000);
    }
    points.push({ size, samples, bytes });
  }
  return points;
}

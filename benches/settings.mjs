// How long everything takes. The quick run only shows that every kind of row can be measured.

import { ALGORITHMS } from "./keys.mjs";

const full = {
  quick: false,
  algorithms: Object.keys(ALGORITHMS),
  rsa: { algorithms: ["RS256", "PS256"], sizes: [2048, 3072, 4096] },
  race: { rounds: 11, ms: 25 },
  raceElsewhere: { rounds: 9, ms: 20, rsaSigns: true },
  starts: 15,
  operations: [10_000, 100_000, 1_000_000],
  tokenKilobytes: [0.2, 0.5, 1, 2, 4, 8, 16, 32, 64],
  setSizes: [1, 10, 100, 1_000, 10_000],
  memorySessions: [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000],
  serverSessions: [1, 1_000, 10_000, 100_000, 1_000_000],
  d1Sessions: [1, 1_000, 10_000, 100_000],
  objectSessions: [1, 10, 100, 1_000],
  refreshes: 500,
  storeSessions: 4_000,
};

const quick = {
  quick: true,
  algorithms: ["HS256", "ES256"],
  rsa: { algorithms: ["RS256"], sizes: [2048] },
  race: { rounds: 3, ms: 1 },
  raceElsewhere: { rounds: 2, ms: 1, rsaSigns: false },
  starts: 1,
  operations: [100, 1_000],
  tokenKilobytes: [0.2, 64],
  setSizes: [1, 100],
  memorySessions: [1, 1_000],
  serverSessions: [1, 1_000],
  d1Sessions: [1, 1_000],
  objectSessions: [1, 10],
  refreshes: 20,
  storeSessions: 100,
};

/** The settings of a run. */
export const settingsOf = (isQuick) => (isQuick ? quick : full);

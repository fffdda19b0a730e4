// Comparable timings: contenders take turns in short rounds, and a ratio is the median of the rounds' ratios. A slow
// moment of the machine then affects all of them. Nothing here needs Node: pages and Workers run it too.

const clockOfHost = () => performance.now();

/**
 * Times each contender, `{ name: { call, per } }`, where `per` says how many operations a call is. Returns the samples
 * of each by name, in microseconds for one operation, a sample a round.
 */
export async function race(contenders, { rounds, ms, clock = clockOfHost, overhead = 0 }) {
  const names = Object.keys(contenders);
  const timer = { clock, overhead };
  const counts = {};
  for (const name of names) counts[name] = await warmUp(contenders[name], ms, timer);
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    // Every other round runs backwards, so that no contender always follows the same one.
    for (const name of round % 2 === 0 ? names : names.toReversed())
      samples[name].push(await time(contenders[name], counts[name], timer));
  }
  return samples;
}

/** Calls until the compiler has settled, and finds how many calls fill a round. */
async function warmUp(contender, ms, timer) {
  const { per = 1 } = contender;
  let count = 1;
  for (;;) {
    const took = (await time(contender, count, timer)) * count * per;
    if (took > ms * 800) break;
    count = Math.ceil(Math.min(count * 10, (count * ms * 1000) / Math.max(took, 1)));
  }
  await time(contender, count, timer);
  return count;
}

async function time({ call, per = 1 }, count, { clock, overhead }) {
  const start = await clock();
  for (let i = 0; i < count; i++) {
    const result = call();
    if (result instanceof Promise) await result;
  }
  return (Math.max((await clock()) - start - overhead, 0.001) * 1000) / count / per;
}

/** The value below which a share of the samples lies. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export const median = (values) => quantile(values, 0.5);

/** Half of the distance between the quartiles, as a share of the median. */
export const spread = (values) => (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / median(values);

/** How many times as long the one took as the other, in each round. */
export const ratios = (one, other) => one.map((sample, at) => sample / other[at]);

export const ratio = (one, other) => median(ratios(one, other));

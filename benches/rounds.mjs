// Timing that can be compared: contenders take turns in short rounds, the median of the rounds counts, and what is said
// is a ratio. A slow moment of the machine then hits all of them.

const ROUNDS = 15;
const ROUND_MS = 40;

/** Times each contender, `{ name: call }`, calls that return promises too. Returns microseconds a call by name. */
export async function race(contenders) {
  const names = Object.keys(contenders);
  const counts = {};
  for (const name of names) counts[name] = await warmUp(contenders[name]);
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) samples[name].push(await time(contenders[name], counts[name]));
  }
  return Object.fromEntries(names.map((name) => [name, median(samples[name])]));
}

/** Calls until the compiler has settled, and finds how many calls fill a round. */
async function warmUp(call) {
  let count = 1;
  for (;;) {
    const us = (await time(call, count)) * count;
    if (us > ROUND_MS * 1000) break;
    count = Math.ceil(Math.min(count * 10, (count * ROUND_MS * 1100) / Math.max(us, 1)));
  }
  await time(call, count);
  return count;
}

async function time(call, count) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i++) {
    const result = call();
    if (result instanceof Promise) await result;
  }
  return Number(process.hrtime.bigint() - start) / 1000 / count;
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/** Prints a row per contender with its ratio to the first. */
export function show(title, result) {
  const [first, ...others] = Object.entries(result);
  console.log(`\n${title}`);
  console.log(`  ${first[0].padEnd(44)} ${first[1].toFixed(2).padStart(9)} us`);
  for (const [name, us] of others)
    console.log(`  ${name.padEnd(44)} ${us.toFixed(2).padStart(9)} us   ${(us / first[1]).toFixed(2)}x`);
}

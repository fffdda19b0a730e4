/** Records the scene for copies of the page without a Worker. Not part of the page. */
import type { Recording, Run } from "./recording.js";
import { ACTS, type Act, play } from "./script.js";
import { type Wire, wireTo } from "./wire.js";

export { wireTo };

/** Records the whole scene and each act concurrently: each is played on its own session. */
export async function record(wire: Wire): Promise<Recording> {
  const runs = await Promise.all(
    [["all", ACTS] as const, ...ACTS.map((act) => [act.id, [act]] as const)].map(
      async ([name, acts]) => [name, await recordRun(wire, acts)] as const,
    ),
  );
  return Object.fromEntries(runs);
}

/** One run, by this machine's clock. Its reports keep the Worker's clock. */
async function recordRun(wire: Wire, acts: readonly Act[]): Promise<Run> {
  const steps: Run["steps"][number][] = [];
  const clock = (): number => Date.now() / 1000;
  const begun = clock();
  await play(acts, {
    wire,
    clock,
    pause: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
    tell: (entry) => steps.push(entry),
    open: ({ id }) => steps.push({ at: clock(), act: id }),
  });
  return { begun, ended: clock(), steps };
}

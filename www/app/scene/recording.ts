/** A recorded run of the scene, replayed if there is no Worker. */
import { type Entry, isOver } from "../life/entry.js";
import { ACTS, type Act } from "./script.js";

/** The events, with the acts between them. Each run keeps the clock by which it was recorded. */
export interface Run {
  readonly begun: number;
  readonly ended: number;
  readonly steps: readonly (Entry | { readonly at: number; readonly act: string })[];
}

/** The whole scene under "all", and each act by itself. */
export type Recording = Readonly<Record<string, Run>>;

/** The act of this name. Throws if the recording was made from another script. */
export function actOf(id: string): Act {
  const found = ACTS.find((act) => act.id === id);
  if (found === undefined) throw new Error(`there is no act ${id}: the recording is of another scene`);
  return found;
}

/** Plays a run at its original pace. */
export async function replay(
  { begun, steps }: Run,
  stage: {
    readonly pause: (seconds: number) => Promise<void>;
    readonly tell: (entry: Entry) => void;
    readonly open: (act: Act, at: number) => void;
    /** Seconds since the replay began. */
    readonly elapsed: () => number;
  },
): Promise<void> {
  for (const step of steps) {
    // Measured from the beginning each time, so that timer delays do not add up.
    const wait = step.at - begun - stage.elapsed();
    if (wait > 0) await stage.pause(wait);
    if ("act" in step) stage.open(actOf(step.act), step.at);
    else stage.tell(step);
  }
  // The end of a session stays in view for a moment.
  if (steps.some((step) => !("act" in step) && isOver(step))) await stage.pause(1.5);
}

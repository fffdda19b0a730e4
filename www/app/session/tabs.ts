/** Tells the tabs of the demo of each other, so that each can draw the others in a lane. */
import type { Entry } from "../life/entry.js";

/** Tells an entry to the other tabs of this origin. A tab does not hear itself. */
export interface Tabs {
  tell(entry: Entry): void;
}

export function tabs(hear: (entry: Entry) => void): Tabs {
  const channel = new BroadcastChannel("tandem-demo");
  channel.addEventListener("message", ({ data }: MessageEvent<Entry>) => {
    // The sender's "this tab" is another one here. A thief is the same in every tab.
    hear(data.who === "this-tab" ? { ...data, who: "other-tab" } : data);
  });
  return { tell: (entry) => channel.postMessage(entry) };
}

/** Informs the demo's tabs about each other, so that each can draw the others in a lane. */
import type { Entry } from "../life/entry.js";

/** Sends an entry to the other tabs of this origin. A tab does not receive its own messages. */
export interface Tabs {
  tell(entry: Entry): void;
}

export function tabs(hear: (entry: Entry) => void): Tabs {
  const channel = new BroadcastChannel("tandem-demo");
  channel.addEventListener("message", ({ data }: MessageEvent<Entry>) => {
    // The sender's "this tab" is another tab here. The thief is the same in every tab.
    hear(data.who === "this-tab" ? { ...data, who: "other-tab" } : data);
  });
  return { tell: (entry) => channel.postMessage(entry) };
}

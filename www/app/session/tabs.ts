/** What happens in one tab of the demo gets a lane in the others. */
import type { Entry } from "../life/entry.js";

export interface Tabs {
  tell(entry: Entry): void;
}

export function tabs(hear: (entry: Entry) => void): Tabs {
  const channel = new BroadcastChannel("tandem-demo");
  channel.addEventListener("message", ({ data }: MessageEvent<Entry>) => {
    hear(data.who === "this-tab" ? { ...data, who: "other-tab" } : data);
  });
  return { tell: (entry) => channel.postMessage(entry) };
}

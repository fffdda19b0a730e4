// Bytes on their way between Node's streams and those of the web, as fast as the slower side takes them.

import type { NodeReadable, NodeResponse } from "./messages.js";

/** The types of Node's listeners differ from stream to stream, and fit no type that they could all be asked for. */
interface Listened {
  on(event: string, listener: (value: never) => void): void;
  off(event: string, listener: (value: never) => void): void;
}

/**
 * What a stream of Node will give. Nothing is read from it before somebody reads here. `onBreak` hears of a stream that
 * breaks off.
 */
export function bodyOf(readable: NodeReadable, onBreak = (): void => {}): ReadableStream<Uint8Array<ArrayBuffer>> {
  const source = readable as NodeReadable & Listened;
  let stop = (): void => {};
  let begun = false;
  return new ReadableStream(
    {
      pull(controller) {
        if (begun) {
          source.resume();
          return;
        }
        begun = true;
        if (source.readableDidRead || source.destroyed) {
          throw new TypeError("the body was read before: mount toNodeHandler ahead of everything that parses bodies");
        }
        const listeners: Record<string, (value: never) => void> = {
          data(chunk: Uint8Array<ArrayBuffer>) {
            source.pause();
            controller.enqueue(chunk);
          },
          end() {
            stop();
            controller.close();
          },
          error(error: Error) {
            stop();
            onBreak();
            controller.error(error);
          },
          close() {
            stop();
            onBreak();
            controller.error(new Error("the connection was closed in the middle of a body"));
          },
        };
        stop = () => {
          for (const [event, listener] of Object.entries(listeners)) source.off(event, listener);
          // An error that comes after the last reader has left is nobody's.
          source.on("error", () => {});
        };
        for (const [event, listener] of Object.entries(listeners)) source.on(event, listener);
      },
      cancel() {
        stop();
        if (begun) source.pause();
      },
    },
    // No chunk ahead of a reader: whoever takes the stream of Node instead must find all of it.
    { highWaterMark: 0 },
  );
}

/** Where a body can be written. */
export type Sink = Pick<NodeResponse, "destroyed" | "write" | "once" | "off">;

/** Writes a body, and waits where the other side is slow. False if the sink was closed before the end. */
export async function pour(body: ReadableStream<Uint8Array>, sink: Sink): Promise<boolean> {
  const reader = body.getReader();
  const leave = (): void => void reader.cancel().catch(() => {});
  sink.once("close", leave);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (sink.destroyed) {
        leave();
        return false;
      }
      if (done) return true;
      if (!sink.write(value)) await drained(sink);
    }
  } finally {
    sink.off("close", leave);
  }
}

function drained(sink: Sink): Promise<void> {
  return new Promise((resolve) => {
    if (sink.destroyed) return resolve();
    const done = (): void => {
      sink.off("drain", done);
      sink.off("close", done);
      resolve();
    };
    sink.once("drain", done);
    sink.once("close", done);
  });
}

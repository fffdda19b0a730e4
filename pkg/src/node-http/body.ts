// Bytes between Node streams and web streams, with back-pressure in both directions.

import type { NodeReadable, NodeResponse } from "./messages.js";

/** The listener types of Node's streams differ between streams, so this one fits all of them. */
interface Listened {
  on(event: string, listener: (value: never) => void): void;
  off(event: string, listener: (value: never) => void): void;
}

/**
 * A Node stream as a web stream. Nothing is read from the source before the web stream is read. `onBreak` is called if
 * the source breaks off.
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
        // The first bytes are gone, and this stream would never end for its reader.
        if (source.readableDidRead || source.destroyed) {
          throw new TypeError("the body was already read: mount toNodeHandler ahead of everything that parses bodies");
        }
        const listeners: Record<string, (value: never) => void> = {
          data(chunk: Uint8Array<ArrayBuffer>) {
            // One chunk for each pull, so that back-pressure reaches the sender.
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
          // Reached only without `end` or `error`, which remove this listener. A truncated body must not look complete.
          close() {
            stop();
            onBreak();
            controller.error(new Error("the connection was closed in the middle of a body"));
          },
        };
        stop = () => {
          for (const [event, listener] of Object.entries(listeners)) source.off(event, listener);
          // Nobody handles an error after the last reader has left, and an unhandled error would end the process.
          source.on("error", () => {});
        };
        for (const [event, listener] of Object.entries(listeners)) source.on(event, listener);
      },
      cancel() {
        stop();
        // Paused rather than destroyed, because the response to this request may still have to be sent.
        if (begun) source.pause();
      },
    },
    // No chunk is read ahead: an application that uses Node's stream instead must find all of it.
    { highWaterMark: 0 },
  );
}

/** The part of a Node stream that writing a body needs. */
export type Sink = Pick<NodeResponse, "destroyed" | "write" | "once" | "off">;

/**
 * Writes a body, waiting while the sink is slow. False if the sink was closed before the end; the body is then
 * cancelled, so that its source stops too. Rejects if the body breaks off.
 */
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

/** Resolves when the sink accepts more or is closed: a slow client that disconnects never drains. */
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

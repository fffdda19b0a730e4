// Bytes between Node's streams and web streams, with back-pressure in both directions.

import type { NodeReadable, NodeResponse } from "./messages.js";

/** The listeners of Node's streams have types that differ from stream to stream, so this one fits all of them. */
interface Listened {
  on(event: string, listener: (value: never) => void): void;
  off(event: string, listener: (value: never) => void): void;
}

/**
 * A Node stream as a web stream. Nothing is read from it before somebody reads here. `onBreak` is called if the stream
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
        // Its first bytes are gone, and the stream would never end for whoever waits here.
        if (source.readableDidRead || source.destroyed) {
          throw new TypeError("the body was already read: mount toNodeHandler ahead of everything that parses bodies");
        }
        const listeners: Record<string, (value: never) => void> = {
          data(chunk: Uint8Array<ArrayBuffer>) {
            // One chunk for each pull: the sender waits for as long as nobody reads.
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
          // Reached only without `end` or `error`, which take this listener off. Half a body must not look whole.
          close() {
            stop();
            onBreak();
            controller.error(new Error("the connection was closed in the middle of a body"));
          },
        };
        stop = () => {
          for (const [event, listener] of Object.entries(listeners)) source.off(event, listener);
          // Nobody handles an error after the last reader has left, and an unhandled one would end the process.
          source.on("error", () => {});
        };
        for (const [event, listener] of Object.entries(listeners)) source.on(event, listener);
      },
      cancel() {
        stop();
        // Paused and not destroyed, because the response to this request may still have to go out.
        if (begun) source.pause();
      },
    },
    // No chunk is read ahead: an application that takes Node's stream instead must find all of it.
    { highWaterMark: 0 },
  );
}

/** A Node stream that a body is written to. */
export type Sink = Pick<NodeResponse, "destroyed" | "write" | "once" | "off">;

/**
 * Writes a body, and waits while the other side is slow. False if the sink was closed before the end; the body is
 * cancelled then, so that its origin stops too. Rejects if the body breaks off.
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

/** Resolves when the sink takes more, or is closed: a client that leaves while it is slow never drains. */
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

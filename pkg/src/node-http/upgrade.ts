// WebSockets, and other protocols that HTTP/1.1 switches to. The edge decides, then bytes pass between the two sockets.

import { type Asked, request as askHttp, type OriginSocket } from "node:http";
import { request as askHttps } from "node:https";

import type { EdgeAuth } from "../edge/index.js";
import { errorResponse } from "../edge/responses.js";
import type { NodeSocket, NodeUpgradeHandler } from "./messages.js";
import { headersOf } from "./raw-headers.js";
import { addressOf, toRequest } from "./request.js";

/** An origin's agreement to switch: its socket, the first bytes that came with it, and its headers. */
interface Switched {
  readonly socket: OriginSocket;
  readonly head: Uint8Array;
  readonly raw: readonly string[];
}

/**
 * Connects the client to the origin of a route with an `origin` by address. Any other request is answered, and the
 * connection is closed.
 */
export function upgrader<Env>(
  { origins, handle }: EdgeAuth<Env>,
  env: Env,
  trustProxy: number,
  onError: (error: unknown) => void,
): NodeUpgradeHandler {
  return async (request, socket, head) => {
    // An unhandled socket error would end the process.
    socket.once("error", () => socket.destroy());
    try {
      let switched: Switched | undefined;
      const asked = toRequest(request, socket, origins, request.headers.upgrade?.toString());
      const handled =
        asked instanceof Response
          ? { response: asked }
          : await handle(asked, env, undefined, { address: addressOf(request, trustProxy) });
      const send = async (inner: Request): Promise<Response> => {
        const answer = await askToSwitch(inner, request.headers.upgrade?.toString() ?? "");
        if (answer instanceof Response) return answer;
        switched = answer;
        // `Response` refuses the status 101, so a response with another status carries the headers that the edge must
        // finish.
        return new Response(null, { headers: headersOf(answer.raw) });
      };
      const answer = handled.response ?? (await handled.forward?.(send)) ?? handled.finish(errorResponse("not_found"));
      if (switched === undefined) await refuse(socket, answer);
      else join(socket, head, switched, answer.headers);
    } catch (error) {
      onError(error);
      socket.destroy();
    }
  };
}

/** Asks the origin to switch. Resolves with a response if the origin declines; rejects if it is unreachable. */
function askToSwitch(request: Request, protocol: string): Promise<Response | Switched> {
  const url = new URL(request.url);
  const headers = { ...Object.fromEntries(request.headers), connection: "Upgrade", upgrade: protocol };
  return new Promise((resolve, reject) => {
    const ask = url.protocol === "https:" ? askHttps : askHttp;
    const asked: Asked = ask(url, { method: request.method, headers, signal: request.signal }, (answer) => {
      // The origin does not switch protocols. Only its status is passed on.
      answer.resume();
      const { statusCode = 502 } = answer;
      resolve(new Response(null, { status: statusCode < 200 || statusCode > 599 ? 502 : statusCode }));
    });
    asked.on("upgrade", (answer, socket, head) => resolve({ socket, head, raw: answer.rawHeaders }));
    asked.on("error", reject);
    asked.end();
  });
}

function join(client: NodeSocket, head: Uint8Array, { socket: origin, head: first, raw }: Switched, headers: Headers) {
  const protocol = raw[raw.findIndex((name) => name.toLowerCase() === "upgrade") + 1] ?? "websocket";
  client.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n${lines(headers)}\r\n`,
  );
  // Either side may have sent bytes right after its headers, which Node has already read.
  if (first.byteLength > 0) client.write(first);
  if (head.byteLength > 0) origin.write(head);
  // Node's sockets have this method; the type lists only what responses need.
  const pipe = client as unknown as OriginSocket;
  origin.pipe(pipe);
  pipe.pipe(origin);
  origin.once("error", () => client.destroy());
  origin.once("close", () => client.destroy());
  client.once("close", () => origin.destroy());
}

/** Writes a response by hand: on an upgrade Node provides a bare socket and no response object. */
async function refuse(socket: NodeSocket, answer: Response): Promise<void> {
  const body = await answer.text();
  const length = new TextEncoder().encode(body).byteLength;
  const head = `HTTP/1.1 ${answer.status} ${answer.statusText || "Refused"}\r\nConnection: close\r\nContent-Length: ${length}\r\n`;
  socket.end(`${head}${lines(answer.headers)}\r\n${body}`);
}

/** The header lines. None can contain a line break, because `Headers` refuses them. */
function lines(headers: Headers): string {
  return [...headers].map(([name, value]) => (name === "content-length" ? "" : `${name}: ${value}\r\n`)).join("");
}

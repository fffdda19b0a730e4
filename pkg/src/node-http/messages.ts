/**
 * The members of Node's requests and responses that the handler uses, so that programs compile without Node's types.
 * The objects of `http`, `https` and `http2` fit, and so do those of Express, Fastify (`raw`) and Koa (`req` and
 * `res`).
 */

/** An incoming stream of bytes. */
export interface NodeReadable {
  readonly destroyed: boolean;
  readonly readableEnded: boolean;
  /** True once bytes have been read, for example by a body parser ahead of the handler. */
  readonly readableDidRead: boolean;
  pause(): unknown;
  resume(): unknown;
}

/** An incoming request. */
export interface NodeRequest extends NodeReadable {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  rawHeaders: string[];
  readonly httpVersionMajor: number;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** The response to a request. */
export interface NodeResponse {
  statusCode: number;
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  /** True once the whole response was sent; it stays false if the connection closes first. */
  readonly writableFinished: boolean;
  getHeaders(): Record<string, number | string | string[] | undefined>;
  setHeader(name: string, value: string | string[]): unknown;
  removeHeader(name: string): void;
  flushHeaders?(): void;
  write(chunk: Uint8Array): boolean;
  end(): unknown;
  destroy(): unknown;
  once(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

/** The connection of a request that asks to switch protocols. */
export interface NodeSocket {
  readonly destroyed: boolean;
  readonly writableFinished: boolean;
  write(chunk: Uint8Array | string): boolean;
  end(text?: string): unknown;
  destroy(): unknown;
  once(event: string, listener: () => void): unknown;
}

/** Fits the event `upgrade` of Node's servers. */
export type NodeUpgradeHandler = (request: NodeRequest, socket: NodeSocket, head: Uint8Array) => Promise<void>;

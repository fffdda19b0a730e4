// The parts of Node's modules that this folder uses. Not shipped: applications bring @types/node.

declare module "node:http" {
  export interface Asked {
    readonly destroyed: boolean;
    readonly reusedSocket: boolean;
    on(event: "error", listener: (error: Error) => void): void;
    on(event: "upgrade", listener: (answer: Answer, socket: OriginSocket, head: Uint8Array) => void): void;
    once(event: string, listener: () => void): void;
    off(event: string, listener: () => void): void;
    write(chunk: Uint8Array): boolean;
    end(): void;
    destroy(error?: Error): void;
  }
  export interface OriginSocket {
    write(chunk: Uint8Array): boolean;
    pipe(target: OriginSocket): void;
    once(event: string, listener: () => void): void;
    destroy(): void;
  }
  interface Answer {
    readonly statusCode?: number;
    readonly rawHeaders: string[];
    readonly destroyed: boolean;
    readonly readableEnded: boolean;
    readonly readableDidRead: boolean;
    pause(): void;
    resume(): void;
  }
  interface AskOptions {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly signal: AbortSignal;
  }
  export function request(url: URL, options: AskOptions, onAnswer: (answer: Answer) => void): Asked;
}

declare module "node:https" {
  export { request } from "node:http";
}

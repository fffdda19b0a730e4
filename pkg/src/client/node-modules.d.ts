// The parts of Node's modules that `node.ts` uses. Not shipped: applications bring @types/node.

declare module "node:fs" {
  export const constants: { readonly O_WRONLY: number; readonly O_CREAT: number; readonly O_TRUNC: number };
}

declare module "node:fs/promises" {
  interface FileHandle {
    writeFile(text: string): Promise<void>;
    sync(): Promise<void>;
    close(): Promise<void>;
  }
  export function link(existing: string, path: string): Promise<void>;
  export function mkdir(path: string, options: { recursive: boolean; mode: number }): Promise<unknown>;
  export function open(path: string, flags: string | number, mode: number): Promise<FileHandle>;
  export function readFile(path: string, encoding: "utf8"): Promise<string>;
  export function rename(from: string, to: string): Promise<void>;
  export function rm(path: string, options: { force: boolean }): Promise<void>;
  export function stat(path: string): Promise<{ readonly size: number; readonly mtimeMs: number }>;
  export function utimes(path: string, accessed: Date, modified: Date): Promise<void>;
}

declare module "node:path" {
  export function dirname(path: string): string;
}

declare module "node:process" {
  export const pid: number;
}

// The parts of Node that the command needs. The package has no dependencies, not even on types.

declare module "node:fs" {
  export function existsSync(path: string): boolean;
  export function readFileSync(path: string, encoding: "utf8"): string;
  export function renameSync(from: string, to: string): void;
  export function writeFileSync(path: string, text: string, options: { mode: number }): void;
}

declare module "node:util" {
  /** Throws for an unknown option, and for an option without its value. */
  export function parseArgs<
    Options extends { readonly [name: string]: { readonly type: "string" | "boolean" } },
  >(config: {
    args: string[];
    options: Options;
    allowPositionals: true;
  }): {
    values: { [Name in keyof Options]?: Options[Name]["type"] extends "string" ? string : boolean };
    positionals: string[];
  };
}

declare module "node:process" {
  const process: {
    readonly argv: string[];
    exitCode: number | undefined;
    readonly stdout: { write(text: string): boolean };
    readonly stderr: { write(text: string): boolean };
  };
  export default process;
}

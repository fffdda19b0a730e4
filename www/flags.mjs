/**
 * The flags of the demo. Run directly, it validates them or prints help, and starts nothing: `cargo xtask demo` uses
 * that before it builds. That needs nothing but Node.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const HELP = `usage: cargo xtask demo [flags]

  --port 8787            where to serve; 0 takes any free port
  --access-ttl 15s       life of an access token
  --refresh-idle 1m      a session unused for this long ends. Default: 1m if the other times fit into it, else 14d
  --grace 5s             a refresh token replayed within this time gets the same answer
  --recovery 1m          how long the parent of the current refresh token can recover the session; 0s: never.
                         Default: as long as --refresh-idle
  --cookies host|dev     dev: no __Host-Http- prefix and no Secure, for browsers that reject those on http://localhost (Safari)

Times are a number and a unit: 90s, 15m, 12h, 14d. The defaults show a whole life within a minute; the page offers
longer times at the sign-in.`;

const OPTIONS = {
  port: { type: "string", default: "8787" },
  "access-ttl": { type: "string", default: "15s" },
  "refresh-idle": { type: "string" },
  grace: { type: "string", default: "5s" },
  recovery: { type: "string" },
  cookies: { type: "string", default: "host" },
  help: { type: "boolean", short: "h", default: false },
};

/** The settings, `{ help }`, or `{ error }`: what is wrong, in one sentence. */
export function readFlags(args) {
  let values;
  try {
    ({ values } = parseArgs({ args, options: OPTIONS, allowPositionals: false }));
  } catch (error) {
    return { error: error.message.split(". ", 1)[0] };
  }
  if (values.help) return { help: HELP };
  const { port, cookies } = values;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    return { error: `--port ${port}: must be a number up to 65535` };
  if (cookies !== "host" && cookies !== "dev") return { error: `--cookies ${cookies}: must be host or dev` };

  values["refresh-idle"] ??= fitsIntoAMinute(values) ? "1m" : "14d";
  values.recovery ??= values["refresh-idle"];
  const spans = {};
  for (const name of ["access-ttl", "refresh-idle", "grace", "recovery"]) {
    const span = values[name];
    if (!/^\d{1,9}(?:s|m|h|d)$/.test(span))
      return { error: `--${name} ${span}: must be a number and a unit, such as 90s, 15m, 12h or 14d` };
    spans[name] = span;
  }
  // The requirements of the session policy, stated in terms of the flags.
  const [ttl, idle, grace, recovery] = Object.values(spans).map(seconds);
  for (const [name, span] of [
    ["access-ttl", ttl],
    ["refresh-idle", idle],
    ["grace", grace],
  ]) {
    if (span < 1) return { error: `--${name} must be at least 1s` };
  }
  if (ttl > LONGEST_SESSION || idle > LONGEST_SESSION)
    return { error: "--access-ttl and --refresh-idle must be at most 90d, the longest life of a session" };
  if (grace >= idle) return { error: "--grace must be shorter than --refresh-idle" };
  if (recovery > idle) return { error: "--recovery must not be longer than --refresh-idle" };
  if (recovery > 0 && recovery <= grace)
    return { error: "--recovery must be longer than --grace, or 0s for no recovery" };
  return { port: Number(port), cookies, spans };
}

function fitsIntoAMinute({ "access-ttl": access, grace, recovery = "0s" }) {
  return seconds(access) <= 60 && seconds(grace) < 60 && seconds(recovery) <= 60;
}

const LONGEST_SESSION = seconds("90d");

function seconds(span) {
  return Number(span.slice(0, -1)) * { s: 1, m: 60, h: 3_600, d: 86_400 }[span.at(-1)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { error, help } = readFlags(process.argv.slice(2));
  if (help !== undefined) console.log(help);
  if (error !== undefined) {
    console.error(`error: ${error}\n\n${HELP}`);
    process.exit(2);
  }
}

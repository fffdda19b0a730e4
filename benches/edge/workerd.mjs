// A workerd of its own for each contender, and what its process has used.

import { readdirSync, readFileSync } from "node:fs";

import { Miniflare } from "miniflare";

/** Starts Workers of which the first is asked, and finds the process that they run in. */
export async function startWorkerd(workers) {
  const before = new Set(workerds());
  const compatibilityDate = "2026-04-01";
  const mf = new Miniflare({
    cf: false,
    host: "127.0.0.1",
    port: 0,
    workers: workers.map((worker) => ({ compatibilityDate, ...worker })),
  });
  const { port } = await mf.ready;
  const pid = workerds().find((each) => !before.has(each));
  return {
    port,
    residentBytes: () => residentBytes(pid),
    processorTime: () => processorTime(pid),
    stop: () => mf.dispose(),
  };
}

/** The workerd processes of this one. */
function workerds() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
        return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("workerd");
      } catch {
        return false;
      }
    });
}

function residentBytes(pid) {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

/**
 * The processor time that a process has used, over all of its threads, in microseconds. Unlike wall-clock time, it
 * hardly depends on what else runs on the machine.
 */
function processorTime(pid) {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanoseconds += Number.parseInt(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8"), 10);
    } catch {
      // A thread that has ended since the list was read.
    }
  }
  return nanoseconds / 1000;
}

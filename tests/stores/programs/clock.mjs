// Loaded ahead of a program under test (`node --import`): its clock can be moved, at its start and by its parent, and a
// client can be killed at the worst moment.

let ahead = Number(process.env.SECONDS_AHEAD ?? 0) * 1000;
const { now } = Date;
Date.now = () => now() + ahead;

process.on("message", ({ sleep }) => {
  ahead += sleep * 1000;
  process.send("slept");
});
// Nobody else keeps the process alive for its parent.
process.channel?.unref();

if (process.env.DIES === "with the answer in its hands") {
  const { fetch } = globalThis;
  globalThis.fetch = async (...request) => {
    const response = await fetch(...request);
    await response.arrayBuffer();
    process.kill(process.pid, "SIGKILL");
    return response;
  };
}

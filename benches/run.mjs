// `cargo xtask bench [NAME…]`: everything, or the benches named.

const benches = ["edge", "guard", "hmac", "pairs", "size", "stores"];
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !benches.includes(name));
if (unknown.length > 0) {
  console.error(`no bench is called ${unknown.join(", ")}; there are ${benches.join(", ")}`);
  process.exit(2);
}

console.log(
  `Node ${process.version}, ${process.platform} ${process.arch}; medians of interleaved rounds; ratios are to the first row`,
);
for (const name of benches) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const { run } = await import(`./${name}.mjs`);
  await run();
}

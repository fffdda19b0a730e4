// A reporter of Node's test runner: how many tests passed, failed, and were left out.

/** Three numbers, once everything has run. */
export default async function* count(events) {
  let passed = 0;
  let failed = 0;
  let leftOut = 0;
  for await (const { type, data } of events) {
    if ((type !== "test:pass" && type !== "test:fail") || data.details?.type === "suite") continue;
    if (data.skip !== undefined || data.todo !== undefined) leftOut += 1;
    else if (type === "test:pass") passed += 1;
    else failed += 1;
  }
  yield `${passed} ${failed} ${leftOut}\n`;
}

/** The result of `work`, or after `seconds` that of `late`, which may throw. */
export function withTimeout<T>(work: Promise<T>, seconds: number, late: () => T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const lost = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000);
  }).then(late);
  return Promise.race([work, lost]).finally(() => clearTimeout(timer));
}

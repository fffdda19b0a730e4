/** Waits for `work`, and after so many seconds for what `late` returns or throws instead. */
export async function withTimeout<T>(work: Promise<T>, seconds: number, late: () => T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const lost = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000);
  }).then(late);
  try {
    return await Promise.race([work, lost]);
  } finally {
    clearTimeout(timer);
  }
}

/** A button that copies a text, and briefly confirms it. */
export function copyOnClick(button: HTMLButtonElement, text: () => string): void {
  const label = button.textContent;
  // The pending reset of the label. A second click restarts it, so that the confirmation again stays for the full time.
  let restored: ReturnType<typeof setTimeout> | undefined;
  button.addEventListener("click", () => {
    // Absent if the page was loaded over http from another machine.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    const copied = clipboard?.writeText(text()) ?? Promise.reject(new Error("no clipboard"));
    void copied.then(
      () => (button.textContent = "Copied"),
      // Browsers may refuse, for example inside a frame.
      () => (button.textContent = "Not allowed here"),
    );
    clearTimeout(restored);
    restored = setTimeout(() => (button.textContent = label), 1_500);
  });
}

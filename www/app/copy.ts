/** A button that copies a text, and says so for a moment. */
export function copyOnClick(button: HTMLButtonElement, text: () => string): void {
  const label = button.textContent;
  // The wait that is running. A second click starts it over, so that its words stay for the whole time too.
  let restored: ReturnType<typeof setTimeout> | undefined;
  button.addEventListener("click", () => {
    // Absent where the page came by http from another machine.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    const copied = clipboard?.writeText(text()) ?? Promise.reject(new Error("no clipboard"));
    void copied.then(
      () => (button.textContent = "Copied"),
      // Browsers may refuse, inside of a frame for example.
      () => (button.textContent = "Not allowed here"),
    );
    clearTimeout(restored);
    restored = setTimeout(() => (button.textContent = label), 1_500);
  });
}

/** The page around its sections: copies the install line, and loads the bench when a visitor gets near it. */
import { copyOnClick } from "./copy.js";
import { find } from "./dom.js";

/** Starts everything that works on every copy of the page, with or without a Worker. */
export function startPage(): void {
  copyOnClick(find("copy-install", HTMLButtonElement), () => find("install", HTMLElement).textContent ?? "");
  const bench = find("bench", HTMLElement);
  const speed = find("speed", HTMLElement);
  whenNear(bench, "300px", async () => (await import("./bench/index.js")).startBench());
  // Only when in view, not before: the race loads the wasm for key pairs, which a visitor to the bench may never need.
  whenNear(speed, "0px", async () => (await import("./speed/index.js")).startSpeed());
}

/** The package with its wasm is most of the page's size, and the scene does not need it. */
function whenNear(section: HTMLElement, rootMargin: string, start: () => Promise<void>): void {
  // Scrolling and focus both lead here, and may happen at once.
  let isStarted = false;
  const begin = (): void => {
    if (isStarted) return;
    isStarted = true;
    // Nothing is left to wait for.
    observer.disconnect();
    void start().catch((error: unknown) => {
      const problem = section.querySelector(".load-problem");
      if (problem !== null) problem.textContent = `This part could not be loaded: ${String(error)}`;
    });
  };
  const seen = (entries: IntersectionObserverEntry[]): void => {
    if (entries.some((entry) => entry.isIntersecting)) begin();
  };
  const observer = new IntersectionObserver(seen, { rootMargin });
  observer.observe(section);
  // The keyboard can reach a section before it is scrolled into view.
  section.addEventListener("focusin", begin);
}

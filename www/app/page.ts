/** The page around its sections: it copies the install line, and brings the bench when somebody comes near. */
import { copyOnClick } from "./copy.js";
import { find } from "./dom.js";

/** Starts what is there on every copy of the page, with or without a Worker. */
export function startPage(): void {
  copyOnClick(find("copy-install", HTMLButtonElement), () => find("install", HTMLElement).textContent ?? "");
  const bench = find("bench", HTMLElement);
  const speed = find("speed", HTMLElement);
  whenNear(bench, "300px", async () => (await import("./bench/index.js")).startBench());
  // In sight, not near: the race brings the wasm for key pairs, which whoever stays at the bench may never need.
  whenNear(speed, "0px", async () => (await import("./speed/index.js")).startSpeed());
}

/** The package with its wasm is most of the page's weight, and nobody needs it to see the scene. */
function whenNear(section: HTMLElement, rootMargin: string, start: () => Promise<void>): void {
  // Two ways lead here, by scrolling and by focus, and both may come at once.
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
  // The keyboard can reach a section before it is scrolled to.
  section.addEventListener("focusin", begin);
}

/** What the page does beside its sections: it copies the install line, and brings the bench when somebody comes near. */
import { copyOnClick } from "./copy.js";
import { find } from "./dom.js";

export function startPage(): void {
  copyOnClick(find("copy-install", HTMLButtonElement), () => find("install", HTMLElement).textContent ?? "");
  const bench = find("bench", HTMLElement);
  const speed = find("speed", HTMLElement);
  whenNear(bench, async () => (await import("./bench/index.js")).startBench());
  whenNear(speed, async () => (await import("./speed/index.js")).startSpeed());
}

/** The package with its wasm is most of the page's weight, and nobody needs it to see the scene. */
function whenNear(section: HTMLElement, start: () => Promise<void>): void {
  let isStarted = false;
  const begin = (): void => {
    if (isStarted) return;
    isStarted = true;
    observer.disconnect();
    void start().catch((error: unknown) => {
      const problem = section.querySelector(".load-problem");
      if (problem !== null) problem.textContent = `This part could not be loaded: ${String(error)}`;
    });
  };
  const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && begin(), {
    rootMargin: "300px",
  });
  observer.observe(section);
  section.addEventListener("focusin", begin);
}

// What a page does, told in the words of the table in docs/client.md. Each case gets tabs of a browser, the network between it
// and the server, and the path by which the client asks for its session.

import { setTimeout as pause } from "node:timers/promises";

import { gate } from "../network.mjs";
import { EMAIL, PASSWORD } from "./contenders.mjs";

/** Long enough for whatever happens by itself, in milliseconds. */
const SOON = 2_000;
/** Longer than clients wait before they ask again when somebody comes back. */
const LATER = 6_000;

/** A tab in which the page is open. */
export class Tab {
  #page;
  constructor(page) {
    this.#page = page;
  }

  /** How a call into the page ended: it resolves, or rejects, perhaps with a code. */
  #ends(call) {
    return this.#page.evaluate(
      `${call}.then(() => "resolves", ({ code }) => (code ? "rejects with " + code : "rejects"))`,
    );
  }
  signIn = () => this.#ends(`Promise.resolve(page.signIn(${JSON.stringify(EMAIL)}, ${JSON.stringify(PASSWORD)}))`);
  signOut = () => this.#ends("Promise.resolve(page.signOut())");
  refresh = () => this.#ends("Promise.resolve(page.refresh())");
  apiStatus = () => this.#page.evaluate("page.call().then(({ status }) => status, () => 0)");
  reload = () => this.#page.reload();
  /** Somebody looks at it again. */
  comeBack = () => this.#page.evaluate(`document.dispatchEvent(new Event("visibilitychange"))`);
  async says() {
    const title = await this.#page.title();
    if (title === "") return "nothing yet";
    return title === "Hello, Ada" ? "signed in" : "signed out";
  }
  async saysSoon(wanted, patience = SOON) {
    for (const end = Date.now() + patience; Date.now() < end; await pause(50))
      if ((await this.says()) === wanted) return true;
    return false;
  }
}

async function signedIn({ tab }) {
  const one = await tab();
  await one.signIn();
  if (!(await one.saysSoon("signed in"))) throw new Error("the sign-in did not work");
  return one;
}

async function follows(tab, wanted) {
  if (await tab.saysSoon(wanted)) return "the others follow at once";
  await pause(LATER);
  await tab.comeBack();
  return (await tab.saysSoon(wanted)) ? "they follow when the user returns to them" : "they do not follow";
}

export const CASES = {
  async "a page is reloaded"(bed) {
    const tab = await signedIn(bed);
    const before = bed.network.count(bed.asks);
    const { hold, release } = gate();
    bed.network.onPath(bed.asks, { hold });
    await tab.reload();
    await pause(300);
    const atOnce = (await tab.says()) === "signed in";
    release();
    await tab.saysSoon("signed in");
    const asked = bed.network.count(bed.asks) - before;
    const requests = asked === 0 ? "no request" : asked === 1 ? "one request" : `${asked} requests`;
    return atOnce ? `knows at once, ${requests}` : `knows after ${requests}`;
  },

  async "sign-in in one tab"(bed) {
    const [one, two] = [await bed.tab(), await bed.tab()];
    await two.saysSoon("signed out");
    await one.signIn();
    return follows(two, "signed in");
  },

  async "sign-out in one tab"(bed) {
    const one = await signedIn(bed);
    const two = await bed.tab();
    await two.saysSoon("signed in");
    await one.signOut();
    return follows(two, "signed out");
  },

  async "sign-out while another tab refreshes"(bed) {
    const one = await signedIn(bed);
    const two = await bed.tab();
    await two.saysSoon("signed in");
    const { hold, waiting, release } = gate();
    bed.network.onPath(bed.asks, { hold });
    const refreshed = two.refresh();
    await waiting;
    await one.signOut();
    release();
    await refreshed;
    await pause(SOON);
    const said = [await one.says(), await two.says()];
    await two.reload();
    await pause(SOON);
    said.push(await two.says());
    return said.every((each) => each === "signed out") ? "both stay signed out" : `they say ${said.join(", ")}`;
  },

  async "the server is down for ten seconds"(bed) {
    const tab = await signedIn(bed);
    bed.network.down();
    await tab.apiStatus();
    await tab.comeBack();
    await pause(10_000);
    const meanwhile = await tab.says();
    bed.network.up();
    const status = await tab.apiStatus();
    return `${meanwhile}, ${status === 200 ? "goes on" : `then ${status}`}`;
  },

  async "the session endpoint answers 503 while a page loads"(bed) {
    const tab = await signedIn(bed);
    bed.network.onPath(bed.asks, { answer: () => ({ status: 503, headers: { "content-type": "application/json" } }) });
    await tab.reload();
    await pause(LATER);
    const said = await tab.says();
    if (said === "signed in") return said;
    bed.network.asItIs(bed.asks);
    await pause(LATER);
    await tab.comeBack();
    return (await tab.saysSoon("signed in")) ? `${said} until the user returns to the tab` : said;
  },

  async "a clock one hour ahead"(bed) {
    const tab = await signedIn(bed);
    const before = bed.network.count(bed.asks);
    await tab.reload();
    await pause(10_000);
    const asked = bed.network.count(bed.asks) - before;
    const requests = asked === 1 ? "one request" : `${asked === 0 ? "no" : asked} requests`;
    return `${await tab.says()}, ${requests} for the session in ten seconds`;
  },

  async "cookies are refused"(bed) {
    const tab = await bed.tab();
    const ended = await tab.signIn();
    await pause(SOON);
    return `the sign-in ${ended}, the page shows "${await tab.says()}"`;
  },
};

/** Runs in the page before its own script does. */
export const BEFORE = {
  "a clock one hour ahead": `{
    const Plain = Date;
    globalThis.Date = class extends Plain {
      constructor(...given) { given.length === 0 ? super(Plain.now() + 3_600_000) : super(...given); }
      static now() { return Plain.now() + 3_600_000; }
    };
  }`,
};

/**
 * The script of the scene: a browser with two tabs and one session, and a thief. The script makes the requests; the
 * story told is the Worker's reports.
 */
import { PACES, seconds } from "../../report.js";
import { type Entry, isOver, outcomeOf, type Who } from "../life/entry.js";
import type { Given, Wire } from "./wire.js";

/** Short enough that each window of the rotation opens and closes during the scene. */
export const POLICY = PACES.scene;
const GRACE = seconds(POLICY.grace);

/** Where the scene is played. */
export interface Stage {
  readonly wire: Wire;
  /** This machine's clock, in seconds. */
  readonly clock: () => number;
  /** Rejects when the play is stopped. */
  readonly pause: (seconds: number) => Promise<void>;
  readonly tell: (entry: Entry) => void;
  readonly open: (act: Act) => void;
}

/** One chapter, made of one or more requests; the Worker's reports tell what became of them. */
export interface Act {
  /** The name in a recording. */
  readonly id: string;
  readonly title: string;
  /** How many seconds it takes by itself, including the sign-in, if the Worker is near. */
  readonly takes: number;
  readonly play: (cast: Cast) => Promise<void>;
}

/**
 * In the order of the story. Each act leaves the session alive for the next one, except the last: there the thief is
 * caught, and the session ends.
 */
export const ACTS: readonly Act[] = [
  {
    id: "refresh",
    title: "A refresh",
    takes: 6,
    async play(cast) {
      await cast.refresh("tab-a");
      await cast.pause(2.2);
    },
  },
  {
    id: "tabs",
    title: "Two tabs at once",
    takes: 8,
    async play(cast) {
      await cast.settled();
      // After the grace period, so that both present a token that may rotate. One rotates it, and the other gets the
      // same successor.
      await cast.together("tab-a", "tab-b");
      await cast.pause(3.2);
    },
  },
  {
    id: "lost",
    title: "A lost answer",
    takes: 8,
    async play(cast) {
      await cast.settled();
      // The Worker has made a successor that nobody has seen. Within the grace period the parent gets it once more.
      await cast.refresh("tab-a", { lost: true });
      await cast.pause(0.9);
      await cast.refresh("tab-a");
      await cast.pause(2.6);
    },
  },
  {
    id: "sleep",
    title: "A sleeping laptop",
    takes: 10,
    async play(cast) {
      await cast.settled();
      // The same loss, followed by a sleep longer than the grace period: only recovery helps now.
      await cast.refresh("tab-b", { lost: true });
      cast.tell("tab-b", "sleep");
      await cast.pause(2.2);
      await cast.settled();
      cast.tell("tab-b", "wake");
      await cast.pause(0.3);
      await cast.refresh("tab-b");
      await cast.pause(2.6);
    },
  },
  {
    id: "thief",
    title: "A thief",
    takes: 12,
    async play(cast) {
      // The copy is of the current token. After two refreshes it is older than the parent, so replaying it is reuse.
      cast.steal();
      await cast.pause(1.4);
      await cast.settled();
      await cast.refresh("tab-a");
      await cast.pause(1);
      await cast.settled();
      await cast.refresh("tab-a");
      await cast.pause(1.6);
      await cast.replay();
      await cast.pause(2.6);
      await cast.refresh("tab-b");
      await cast.pause(1.2);
    },
  },
];

/** Plays acts on their own session, one after the other, until the session is over. */
export async function play(acts: readonly Act[], stage: Stage): Promise<void> {
  const cast = new Cast(stage);
  await cast.signIn();
  await cast.pause(1.2);
  for (const act of acts) {
    // If a session ends early, the remaining acts have nothing to play with.
    if (cast.isOver) return;
    stage.open(act);
    await act.play(cast);
  }
}

/** A browser and a thief, with the tokens that each holds. */
class Cast {
  readonly #stage: Stage;
  /** The refresh token that the tabs share, as the tabs of a browser share a cookie. */
  #token = "";
  /** The thief's copy, which does not change when the owner's token does. */
  #stolen = "";
  /** The generation of `#token`, to report which token is stolen. */
  #generation = 0;
  /** When the Worker last handed out the current refresh token, in whole seconds. */
  #handedOut = -Infinity;
  /** How many seconds the Worker's clock is ahead of this one. */
  #ahead = 0;
  /** Set by a report that ends the session. */
  isOver = false;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  pause(seconds: number): Promise<void> {
    return this.#stage.pause(seconds);
  }

  /** Starts a session. Its first token has never been handed out again, so there is no grace period to wait for. */
  async signIn(): Promise<void> {
    const given = await this.#stage.wire.signIn();
    this.#take("tab-a", "sign-in", given, false);
    this.#handedOut = -Infinity;
  }

  /** Waits until the grace period of the last hand-out is over, by the Worker's clock, and a moment longer. */
  async settled(): Promise<void> {
    // The Worker counts whole seconds, so the grace period lasts up to a second longer; 0.6 s keeps clear of the
    // boundary.
    const over = this.#handedOut + GRACE + 1.6;
    const left = over - this.#now();
    if (left > 0) await this.pause(left);
  }

  /** Refreshes with the tabs' token. With `lost` the answer is discarded, as if the network had lost it. */
  async refresh(who: Who, { lost = false } = {}): Promise<void> {
    this.#take(who, "refresh", await this.#stage.wire.refresh(this.#token), lost);
  }

  /** Both tabs use the same token, and neither waits for the other. */
  async together(...tabs: readonly Who[]): Promise<void> {
    // Read before either answer, because the point is that both send the same token.
    const token = this.#token;
    const given = await Promise.all(tabs.map((who) => this.#stage.wire.refresh(token).then((got) => ({ who, got }))));
    // The first request made the successor, and the other one got the same.
    const isFirst = ({ got }: { got: Given }): boolean => outcomeOf(got.report) === "rotated";
    // Told in the order in which the Worker decided, whichever answer came back first.
    for (const { who, got } of given.sort((one, other) => Number(isFirst(other)) - Number(isFirst(one))))
      this.#take(who, "refresh", got, false);
  }

  /** Copies the current token. The Worker does not notice, so there is no report. */
  steal(): void {
    this.#stolen = this.#token;
    this.#stage.tell({ at: this.#now(), who: "thief", what: "steal", generation: this.#generation });
  }

  /**
   * The thief presents the copy. The report is told, but the tokens are discarded: the tabs continue with their own.
   */
  async replay(): Promise<void> {
    const { report } = await this.#stage.wire.refresh(this.#stolen);
    this.#report({ at: report.at, who: "thief", what: "refresh", report });
  }

  tell(who: Who, what: "sleep" | "wake"): void {
    this.#stage.tell({ at: this.#now(), who, what });
  }

  /** Stores the tokens of an answer, unless it is lost, and tells what the Worker reported. */
  #take(who: Who, what: "sign-in" | "refresh", { report, refresh }: Given, lost: boolean): void {
    // Measured again with each report: it includes the latency of the answer, and a clock may be changed.
    this.#ahead = report.at - this.#stage.clock();
    const outcome = outcomeOf(report);
    if (outcome === "rotated" || outcome === "grace" || outcome === "recovered")
      this.#handedOut = Math.floor(report.at);
    if (!lost && refresh !== null) {
      this.#token = refresh;
      this.#generation = report.generation ?? this.#generation;
    }
    this.#report({ at: report.at, who, what, report, ...(lost && { lost }) });
  }

  #report(entry: Entry): void {
    this.isOver ||= isOver(entry);
    this.#stage.tell(entry);
  }

  /** The Worker's time in seconds, which every entry uses. */
  #now(): number {
    return this.#stage.clock() + this.#ahead;
  }
}

// A file of refresh keys, as `createSessions` takes them, and the steps of a rotation: standby, signing, verifying,
// dropped; any key may be retired. A step is refused until what it must wait for has happened.

/** The state of a key: on standby (deployed, not signing yet), signing, or verifying (its tokens may still come). */
export type KeyState = (typeof STATES)[number];
const STATES = ["standby", "signing", "verifying", "retired"] as const;

/** The file. `refresh` and `retired` go to `createSessions` as they are. */
export interface KeyFile {
  /** `refreshIdle` of the sessions, in days: a key's tokens may come for this long after it last signed. */
  idleDays: number;
  /** The key that signs first. */
  refresh: { kid: string; secret: string }[];
  retired: string[];
  /** The state of each key, and since when every server has it; null while the last change is not deployed. */
  states: { [kid: string]: { state: KeyState; since: string | null } };
}

/** The result of a step, and the advice on the next one. */
export interface Taken {
  readonly file: KeyFile;
  readonly say: string[];
}

/** A step that must not be taken, or not yet. The message says why, and is all that the command prints. */
export class KeyFileError extends Error {
  override readonly name = "KeyFileError";
}

const DEPLOY = "Deploy this to every server, then run: tandem-jwt keys rotate --deployed";

/** A file with one key, which signs at once: no server can lack it, since none has a key yet. */
export function fresh(now: Date, idleDays: number): Taken {
  const key = made(now, []);
  const file: KeyFile = {
    idleDays,
    refresh: [key],
    retired: [],
    states: { [key.kid]: { state: "signing", since: null } },
  };
  return {
    file,
    say: [`${key.kid} signs. Deploy this to every server. To rotate later, run: tandem-jwt keys rotate --deployed`],
  };
}

/**
 * The next step of a rotation. `deployed` is the word of whoever runs it that every server has the file as it is: a key
 * that signs before all know it makes the others refuse its tokens for a while, and the time of one that signs no more
 * counts from the last server that stopped.
 */
export function rotated(before: KeyFile, deployed: boolean, now: Date): Taken {
  // A copy, so that a step that is refused leaves the caller's file as it was.
  const file = copied(before);
  if (isPending(file)) {
    if (!deployed)
      throw new KeyFileError("the last change may not be on every server yet: deploy it, then add --deployed");
    // The waiting counts from now and not from the change, because only now is it known that no server signs with the
    // old key any more.
    for (const state of Object.values(file.states)) state.since ??= now.toISOString();
  }
  // Keys are dropped first, so that a file that is rotated regularly never grows.
  const say = dropped(file, now);
  const signing = kidIn(file, "signing");
  const standby = kidIn(file, "standby");
  if (signing === undefined) throw new KeyFileError('states has no key that is "signing"');
  // A new key only stands by. If it signed at once, servers that do not have it yet would answer its tokens with "not
  // now".
  if (standby === undefined) {
    const key = made(now, Object.keys(file.states));
    file.refresh.push(key);
    file.states[key.kid] = { state: "standby", since: null };
    say.push(`${key.kid} is on standby: every server must have it before any signs with it. ${DEPLOY}`);
    return { file, say };
  }
  file.states[standby] = { state: "signing", since: null };
  // `since` stays open until the change is on every server: the last one may sign with the old key until then.
  file.states[signing] = { state: "verifying", since: null };
  // `createSessions` signs with the first key. Sorting is stable, so the others keep their order.
  file.refresh.sort((a, b) => Number(b.kid === standby) - Number(a.kid === standby));
  say.push(
    `${standby} signs. ${signing} still verifies, until ${days(file.idleDays)} after the last server stops signing with it.`,
    DEPLOY,
  );
  return { file, say };
}

/**
 * Retires a key that has leaked: its tokens end at once. If it was signing, the key on standby takes over, or a new
 * one.
 */
export function retired(before: KeyFile, kid: string, now: Date): Taken {
  const file = copied(before);
  const state = file.states[kid]?.state;
  if (state === undefined)
    throw new KeyFileError(`there is no key ${kid}; the file has ${Object.keys(file.states).join(", ")}`);
  if (state === "retired") throw new KeyFileError(`${kid} is already retired`);
  // The secret goes at once, and only the name stays. Servers refuse tokens of a retired key for good; those of an
  // unknown one are told to wait.
  file.refresh = file.refresh.filter((key) => key.kid !== kid);
  file.retired.push(kid);
  file.states[kid] = { state: "retired", since: now.toISOString() };
  const say = [`${kid} is retired: everyone who holds a token of it must sign in again.`];
  if (state === "signing") {
    // Signing must go on at once, so the key on standby is taken even where it is not on every server yet. The others
    // answer "not now" until they have it.
    const standby = kidIn(file, "standby");
    const key = file.refresh.find((key) => key.kid === standby) ?? made(now, Object.keys(file.states));
    file.refresh = [key, ...file.refresh.filter((other) => other !== key)];
    file.states[key.kid] = { state: "signing", since: null };
    say.push(`${key.kid} signs.`);
  }
  say.push(`Stop the servers that have the old file: they still use ${kid}. Then deploy the new file.`);
  return { file, say };
}

/** The state of each key in a sentence, and what can be done when. */
export function summary(file: KeyFile, now: Date): string[] {
  const lines = Object.entries(file.states).map(([kid, { state, since }]) => {
    const left = state === "verifying" && since !== null ? daysLeft(file, since, now) : undefined;
    const when =
      left === undefined ? "" : left > 0 ? `, dropped in ${days(left)}` : ", to be dropped by the next rotate";
    return `${kid}: ${state}${since === null ? ", not deployed everywhere yet" : ` since ${since}`}${when}`;
  });
  const next = kidIn(file, "standby") === undefined ? "adds a key on standby" : "lets the key on standby sign";
  return [...lines, `The next rotate ${next}${isPending(file) ? " and needs --deployed" : ""}.`];
}

/**
 * The file that a text holds. Throws a `KeyFileError` that says what is wrong with it. A file may have been edited by
 * hand, and a server that starts with a wrong one signs its users out.
 */
export function readKeyFile(text: string): KeyFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new KeyFileError("the file is not JSON");
  }
  const { idleDays, refresh, retired, states } = membersOf(value);
  if (typeof idleDays !== "number" || !(idleDays > 0))
    throw new KeyFileError("idleDays must be a number of days above 0");
  if (!Array.isArray(refresh) || refresh.length === 0) throw new KeyFileError("refresh must hold at least one key");
  if (!isListOfNames(retired)) throw new KeyFileError("retired must be a list of kids");
  if (typeof states !== "object" || states === null) throw new KeyFileError("states must give the state of each key");
  const file: KeyFile = {
    idleDays,
    refresh: refresh.map(keyIn),
    retired,
    states: Object.fromEntries(Object.entries(states).map(([kid, entry]) => [kid, stateIn(kid, entry)])),
  };
  checkLists(file);
  return file;
}

/** The members of what should be an object: none of anything else. */
function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function isListOfNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}

function keyIn(value: unknown): { kid: string; secret: string } {
  const { kid, secret } = membersOf(value);
  if (typeof kid !== "string" || typeof secret !== "string" || secret.length < SHORTEST) {
    const name = typeof kid === "string" ? kid : "a key without a kid";
    throw new KeyFileError(`${name}: a key must have a kid and a secret of at least ${SHORTEST} characters`);
  }
  return { kid, secret };
}

/** A date that cannot be read would count as long ago, and the next step would drop a key that is still needed. */
function stateIn(kid: string, value: unknown): { state: KeyState; since: string | null } {
  const { state, since } = membersOf(value);
  if (!STATES.includes(state as KeyState)) throw new KeyFileError(`${kid}: state must be one of ${STATES.join(", ")}`);
  if (since !== null && (typeof since !== "string" || Number.isNaN(Date.parse(since))))
    throw new KeyFileError(`${kid}: since must be a date or null`);
  return { state: state as KeyState, since };
}

/** Throws a `KeyFileError` where the lists and the states contradict each other. */
function checkLists(file: KeyFile): void {
  const { refresh, retired } = file;
  const states = new Map(Object.entries(file.states));
  const kids = refresh.map(({ kid }) => kid);
  for (const kid of kids) {
    // Retiring goes by the name, so a name has to mean one key.
    if (kids.indexOf(kid) !== kids.lastIndexOf(kid)) throw new KeyFileError(`${kid} is in refresh twice`);
    if (retired.includes(kid)) throw new KeyFileError(`${kid} is retired and must not be in refresh`);
    if (!states.has(kid)) throw new KeyFileError(`${kid} is missing from states`);
  }
  for (const [kid, { state }] of states) {
    // The lists and the states say the same twice. An edit that moves a key in one alone is found here.
    const place = state === "retired" ? retired : kids;
    if (!place.includes(kid))
      throw new KeyFileError(
        `${kid} is ${state} in states but missing from ${state === "retired" ? state : "refresh"}`,
      );
  }
  // Otherwise the servers would sign with one key, and the file would time the end of another.
  if (kidIn(file, "signing") !== kids[0]) throw new KeyFileError("the key that signs must come first in refresh");
}

const DAY_MS = 86_400_000;
/** The length that `createSessions` asks of a refresh secret. 32 bytes are the hash of HS256 (RFC 7518 section 3.2). */
const SHORTEST = 32;

/**
 * A new key: 256 random bits as base64url, named by the day, with a number where the day has one already. A name is not
 * used again while the file knows it: where it is retired, the new key would be refused with it.
 */
function made(now: Date, taken: string[]): { kid: string; secret: string } {
  const day = now.toISOString().slice(0, 10);
  let kid = day;
  for (let more = 2; taken.includes(kid); more++) kid = `${day}-${more}`;
  const secret = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
  return { kid, secret: secret.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") };
}

/**
 * Drops keys that no living token can need. A key on standby, or one whose change is not deployed, is never dropped.
 * Retired names go after the same time: their last tokens are over by themselves then.
 */
function dropped(file: KeyFile, now: Date): string[] {
  const say: string[] = [];
  for (const [kid, { state, since }] of Object.entries(file.states)) {
    if (since === null || (state !== "verifying" && state !== "retired")) continue;
    if (daysLeft(file, since, now) > 0) continue;
    delete file.states[kid];
    file.refresh = file.refresh.filter((key) => key.kid !== kid);
    file.retired = file.retired.filter((name) => name !== kid);
    say.push(`${kid} is dropped: all of its tokens have expired.`);
  }
  return say;
}

/** Whole days until a key may go, rounded up: a day too long costs nothing, and an hour too short signs users out. */
function daysLeft({ idleDays }: KeyFile, since: string, now: Date): number {
  return Math.ceil((Date.parse(since) + idleDays * DAY_MS - now.getTime()) / DAY_MS);
}

function days(count: number): string {
  return count === 1 ? "1 day" : `${count} days`;
}

/** Whether a change waits to be on every server. */
function isPending({ states }: KeyFile): boolean {
  return Object.values(states).some(({ since }) => since === null);
}

/** The key in a state. There is at most one on standby, and one that signs. */
function kidIn({ states }: KeyFile, wanted: KeyState): string | undefined {
  return Object.keys(states).find((kid) => states[kid]?.state === wanted);
}

function copied(file: KeyFile): KeyFile {
  return JSON.parse(JSON.stringify(file)) as KeyFile;
}

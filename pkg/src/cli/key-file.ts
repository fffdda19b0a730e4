// A file of refresh keys, in the form that `createSessions` takes, and the steps of a rotation: standby, signing,
// verifying, dropped. Any key may be retired. A step is refused until its preconditions are met.

/**
 * The state of a key: on standby (deployed but not signing yet), signing, or verifying (its tokens are still accepted).
 */
export type KeyState = (typeof STATES)[number];
const STATES = ["standby", "signing", "verifying", "retired"] as const;

/** The file. `refresh` and `retired` go to `createSessions` as they are. */
export interface KeyFile {
  /** `refreshIdle` of the sessions, in days: tokens may arrive for this long after their key last signed. */
  idleDays: number;
  /** The key that signs first. */
  refresh: { kid: string; secret: string }[];
  retired: string[];
  /** The state of each key, and since when every server has had it; null while the last change is not deployed. */
  states: { [kid: string]: { state: KeyState; since: string | null } };
}

/** The result of a step, and advice on the next one. */
export interface Taken {
  readonly file: KeyFile;
  readonly say: string[];
}

/** A step that is not allowed, or not yet. The command prints only the message, which says why. */
export class KeyFileError extends Error {
  override readonly name = "KeyFileError";
}

const DEPLOY = "Deploy this to every server, then run: tandem-jwt keys rotate --deployed";

/** A file with one key, which signs at once: no server can lag behind, since none has a key yet. */
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
 * The next step of a rotation. `deployed` is the operator's assertion that every server has the current file. A key
 * that signs before all servers know it makes the others refuse its tokens for a while, and the time until an old key
 * may go counts from when the last server stopped signing with it.
 */
export function rotated(before: KeyFile, deployed: boolean, now: Date): Taken {
  // A copy, so that a refused step leaves the caller's file unchanged.
  const file = copied(before);
  if (isPending(file)) {
    if (!deployed)
      throw new KeyFileError("the last change may not be on every server yet: deploy it, then add --deployed");
    // The wait starts now rather than at the change, because only now is it known that no server signs with the old key
    // any more.
    for (const state of Object.values(file.states)) state.since ??= now.toISOString();
  }
  // Keys are dropped first, so that a regularly rotated file never grows.
  const say = dropped(file, now);
  const signing = kidIn(file, "signing");
  const standby = kidIn(file, "standby");
  if (signing === undefined) throw new KeyFileError('states has no key that is "signing"');
  // A new key starts on standby. If it signed at once, servers that lack it would answer its tokens with "not now".
  if (standby === undefined) {
    const key = made(now, Object.keys(file.states));
    file.refresh.push(key);
    file.states[key.kid] = { state: "standby", since: null };
    say.push(`${key.kid} is on standby: every server must have it before any signs with it. ${DEPLOY}`);
    return { file, say };
  }
  file.states[standby] = { state: "signing", since: null };
  // `since` stays open until the change is on every server: until then some server may still sign with the old key.
  file.states[signing] = { state: "verifying", since: null };
  // `createSessions` signs with the first key. Sorting is stable, so the others keep their order.
  file.refresh.sort((a, b) => Number(b.kid === standby) - Number(a.kid === standby));
  say.push(
    `${standby} signs. ${signing} verifies until ${days(file.idleDays)} after the last server stops signing with it.`,
    DEPLOY,
  );
  return { file, say };
}

/**
 * Retires a leaked key: its tokens end at once. If it was signing, the standby key takes over, or a new key if there is
 * none.
 */
export function retired(before: KeyFile, kid: string, now: Date): Taken {
  const file = copied(before);
  const state = file.states[kid]?.state;
  if (state === undefined)
    throw new KeyFileError(`there is no key ${kid}; the file has ${Object.keys(file.states).join(", ")}`);
  if (state === "retired") throw new KeyFileError(`${kid} is already retired`);
  // The secret goes at once, and only the name stays. Servers refuse tokens of a retired key for good, but answer "not
  // now" to those of an unknown key.
  file.refresh = file.refresh.filter((key) => key.kid !== kid);
  file.retired.push(kid);
  file.states[kid] = { state: "retired", since: now.toISOString() };
  const say = [`${kid} is retired: everyone who holds a token of it must sign in again.`];
  if (state === "signing") {
    // Signing must go on at once, so the standby key is used even if some servers lack it. They answer "not now" until
    // they have it.
    const standby = kidIn(file, "standby");
    const key = file.refresh.find((key) => key.kid === standby) ?? made(now, Object.keys(file.states));
    file.refresh = [key, ...file.refresh.filter((other) => other !== key)];
    file.states[key.kid] = { state: "signing", since: null };
    say.push(`${key.kid} signs.`);
  }
  say.push(`Stop the servers that have the old file: they still use ${kid}. Then deploy the new file.`);
  return { file, say };
}

/** The state of each key in a sentence, and which step is possible when. */
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
 * Parses a key file. Throws a `KeyFileError` that says what is wrong. The file may have been edited by hand, and a
 * server that starts with a wrong file signs its users out.
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

/** The members of an object; an empty object for any other value. */
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

/** An unreadable date would count as long past, and the next step would drop a key that is still needed. */
function stateIn(kid: string, value: unknown): { state: KeyState; since: string | null } {
  const { state, since } = membersOf(value);
  if (!STATES.includes(state as KeyState)) throw new KeyFileError(`${kid}: state must be one of ${STATES.join(", ")}`);
  if (since !== null && (typeof since !== "string" || Number.isNaN(Date.parse(since))))
    throw new KeyFileError(`${kid}: since must be a date or null`);
  return { state: state as KeyState, since };
}

/** Throws a `KeyFileError` if the lists and the states contradict each other. */
function checkLists(file: KeyFile): void {
  const { refresh, retired } = file;
  const states = new Map(Object.entries(file.states));
  const kids = refresh.map(({ kid }) => kid);
  for (const kid of kids) {
    // Keys are retired by name, so a name must identify one key.
    if (kids.indexOf(kid) !== kids.lastIndexOf(kid)) throw new KeyFileError(`${kid} is in refresh twice`);
    if (retired.includes(kid)) throw new KeyFileError(`${kid} is retired and must not be in refresh`);
    if (!states.has(kid)) throw new KeyFileError(`${kid} is missing from states`);
  }
  for (const [kid, { state }] of states) {
    // The lists and the states hold the same facts twice. This catches an edit that moves a key in only one of them.
    const place = state === "retired" ? retired : kids;
    if (!place.includes(kid))
      throw new KeyFileError(
        `${kid} is ${state} in states but missing from ${state === "retired" ? state : "refresh"}`,
      );
  }
  // Otherwise the servers would sign with one key while the file timed the end of another.
  if (kidIn(file, "signing") !== kids[0]) throw new KeyFileError("the key that signs must come first in refresh");
}

const DAY_MS = 86_400_000;
/**
 * The shortest refresh secret that `createSessions` accepts: 32 bytes, the length of the HS256 hash (RFC 7518 section
 * 3.2).
 */
const SHORTEST = 32;

/**
 * A new key: 256 random bits as base64url, named by the date, with a number if that name is taken. A name is not reused
 * while the file knows it: if it were retired, the new key would be refused as well.
 */
function made(now: Date, taken: string[]): { kid: string; secret: string } {
  const day = now.toISOString().slice(0, 10);
  let kid = day;
  for (let more = 2; taken.includes(kid); more++) kid = `${day}-${more}`;
  const secret = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
  return { kid, secret: secret.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") };
}

/**
 * Drops keys that no valid token can need. A key on standby, or one whose change is not deployed, is never dropped.
 * Retired names go after the same period, when their last tokens have expired anyway.
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

/** Whole days until a key may go, rounded up: a day too many costs nothing, and an hour too few signs users out. */
function daysLeft({ idleDays }: KeyFile, since: string, now: Date): number {
  return Math.ceil((Date.parse(since) + idleDays * DAY_MS - now.getTime()) / DAY_MS);
}

function days(count: number): string {
  return count === 1 ? "1 day" : `${count} days`;
}

/** Whether a change has yet to reach every server. */
function isPending({ states }: KeyFile): boolean {
  return Object.values(states).some(({ since }) => since === null);
}

/** The key in a state. At most one key is on standby, and exactly one signs. */
function kidIn({ states }: KeyFile, wanted: KeyState): string | undefined {
  return Object.keys(states).find((kid) => states[kid]?.state === wanted);
}

function copied(file: KeyFile): KeyFile {
  return JSON.parse(JSON.stringify(file)) as KeyFile;
}

// The contract of a store: one opaque record a session, and one atomic operation on it.

/** All sessions of one user at one issuer. */
export interface Subject {
  readonly iss: string;
  readonly sub: string;
}

/** One session. */
export interface SessionKey extends Subject {
  readonly sid: string;
}

/**
 * The epoch of a subject: when it changes, all its sessions end but one that may be kept. A store keeps it as it is and
 * changes it by `nextEpoch`; one that never keeps a session may give the number alone. Without an entry it is 0.
 */
export interface SubjectEpoch {
  readonly value: number;
  /** The session that the last change kept. */
  readonly keep?: string | undefined;
  /** The earliest value that the kept session may still stand in. */
  readonly keptFrom?: number | undefined;
  /**
   * The clock that values are made from, at the time of the read, in milliseconds since 1970: the age of an epoch is
   * reckoned in it. Without one the server's own is taken.
   */
  readonly clock?: number | undefined;
}

export type Epoch = number | SubjectEpoch;

/** The columns that a store may index. The record itself is never parsed by a store. */
export interface RecordIndex {
  /** Seconds since 1970. From then on the row is refused anyway and may be swept. */
  readonly expiresAt: number;
  /** False once the session was revoked or superseded. */
  readonly active: boolean;
}

/** A record as the store holds it. */
export interface Loaded {
  readonly record: Uint8Array;
  /** Changes with every write. */
  readonly version: number;
  /** The subject's epoch, read in the same instant as the record or later, never before. */
  readonly epoch: Epoch;
  /** The store's own clock in seconds since 1970, where it has one that all servers share. */
  readonly now?: number | undefined;
}

/** Some sessions of a subject. */
export interface Page {
  readonly records: readonly Uint8Array[];
  readonly epoch: Epoch;
  /** Where the next page begins, if there is one. */
  readonly cursor?: string | undefined;
}

/**
 * Where sessions live. Every method may reject; the sessions then answer that they are temporarily unavailable, and a
 * retry is safe whether or not the write was done.
 */
export interface SessionStore {
  /**
   * Whether a read sees every write that was acknowledged before. A store that says "eventual" is refused: it would
   * give an old record, and an honest user would look like a thief.
   */
  readonly consistency: "linearizable" | "eventual";
  /** False: a write that was acknowledged, a sign-out among them, may be lost with the server that acknowledged it. */
  readonly durable?: boolean;
  /** Keeps a new record at version 1. False if there is one. */
  create(key: SessionKey, record: Uint8Array, index: RecordIndex): Promise<boolean>;
  /** The record, or null. Read from the primary. */
  load(key: SessionKey): Promise<Loaded | null>;
  /** Replaces the record and adds 1 to its version. False, and nothing done, if the version is another one. */
  compareAndSet(key: SessionKey, version: number, record: Uint8Array, index: RecordIndex): Promise<boolean>;
  /**
   * Calls `runStep(record, epoch, command)` and writes what it says, in one atomic section without an await; returns
   * the outcome. Left out, the same is done by `load` and `compareAndSet`.
   */
  transact?(key: SessionKey, command: Uint8Array): Promise<Uint8Array>;
  /** Ends all sessions of a subject but `keep`, in one atomic operation (see `nextEpoch`). Returns the new value. */
  bumpEpoch(subject: Subject, keep?: string): Promise<number>;
  /** The sessions of a subject, page by page; ended ones may be among them. */
  list(iss: string, sub: string, cursor?: string): Promise<Page>;
  /**
   * True for whoever names this first, and false for everyone else until `until`, in seconds since 1970. Proofs of
   * possession (RFC 9449 section 11.1) need it: whoever presents one that was seen before has copied it. `id` is 43
   * characters of base64url, and no two proofs share one. The subject only says where it may be kept.
   */
  firstUse?(subject: Subject, id: string, until: number): Promise<boolean>;
  /** Deletes up to `limit` rows that expired before `now` (seconds) and returns how many there were. */
  sweep?(now: number, limit: number): Promise<number>;
}

/**
 * The next epoch of a subject, which ends all its sessions but `keep`. `nowMs` is in milliseconds since 1970.
 *
 * A kept session that lived through an earlier change joins the new value at its next write. One that had ended stays
 * so.
 */
export function nextEpoch(old: Epoch | undefined, keep: string | undefined, nowMs: number): SubjectEpoch {
  const { value, keep: kept, keptFrom = 0 } = subjectEpoch(old);
  const next = Math.max(value + 1, Math.floor(nowMs));
  if (keep === undefined) return { value: next };
  return { value: next, keep, keptFrom: kept === keep ? keptFrom : value };
}

/** An epoch in its long form. */
export function subjectEpoch(epoch: Epoch | undefined): SubjectEpoch {
  return typeof epoch === "object" ? epoch : { value: epoch ?? 0 };
}

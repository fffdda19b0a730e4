// A key set that the program already has.

import { type KeyHeader, KeySet, type VerificationKey } from "./key-set.js";

/** A key set as the key of `verifyAsync`, and of `verify` by `callback` and `sync`. */
export interface Keys {
  /** The key for a header. Rejects with `ERR_KEY_NOT_FOUND`, or `ERR_KEYS_UNAVAILABLE` for a fault of the issuer. */
  (header: KeyHeader): Promise<VerificationKey>;
  /** The key as the key function of `verify` in its callback form. */
  readonly callback: (header: KeyHeader, done: (error: Error | null, key?: VerificationKey) => void) => void;
  /** A key that is here already, else undefined: for a synchronous verify. */
  sync(header: KeyHeader): VerificationKey | undefined;
  /** The one key of a name, whatever its algorithm, or the only one there is: for libraries that ask so. */
  named(kid: string | undefined): Promise<VerificationKey>;
  /** The set as it is now: fetched if it has to be. */
  set(): Promise<KeySet>;
  /** The issuer of these keys, if one was given: the `iss` of the tokens that they verify. */
  readonly issuer: string | undefined;
}

/** Chooses a key of a set. A remote set calls it again after a fetch, on the newer set. */
export type Pick = (set: KeySet) => VerificationKey | undefined;

/** The members that every kind of set has, around the function that finds a key. */
export function keysOf(
  find: (header: KeyHeader, pick: Pick) => Promise<VerificationKey>,
  sync: Keys["sync"],
  set: Keys["set"],
  issuer: string | undefined,
): Keys {
  const keys = (header: KeyHeader) => find(header, (chosen) => chosen.find(header));
  const callback: Keys["callback"] = (header, done) => {
    // Both handlers go to one `then`, so that `done` never gets the exception that it threw itself.
    keys(header).then(
      (key) => done(null, key),
      (error: Error) => done(error),
    );
  };
  const named = (kid: string | undefined) => find({ kid }, (chosen) => chosen.named(kid));
  return Object.assign(keys, { callback, sync, named, set, issuer });
}

/**
 * The keys of a JWK Set, or of a map of names to certificates, read once. `issuer` says whose they are. Throws an
 * `ERR_KEYS_UNAVAILABLE` for a value that holds no key that can verify.
 */
export function localKeys(set: unknown, { issuer }: { readonly issuer?: string } = {}): Keys {
  const keys = KeySet.from(set);
  const find = async (header: KeyHeader, pick: Pick): Promise<VerificationKey> => {
    const key = pick(keys);
    if (key === undefined) throw keys.notFound(header);
    return key;
  };
  return keysOf(
    find,
    (header) => keys.find(header),
    async () => keys,
    issuer,
  );
}

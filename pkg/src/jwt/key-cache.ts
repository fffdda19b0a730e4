// The keys read most recently, by the content they were read from. To derive a key costs as much as to sign with it.

/**
 * How many entries a generation holds. A cache holds two, so the last 256 keys in use stay parsed, and never more than
 * 512.
 */
const CAPACITY = 256;

/**
 * A map that forgets, by two generations instead of a strict order of use: an entry that was not used while a whole
 * generation filled up is evicted.
 */
export class Recent<Name, Entry> {
  #recent = new Map<Name, Entry>();
  #older = new Map<Name, Entry>();
  readonly #evict: (entry: Entry) => void;

  constructor(evict: (entry: Entry) => void) {
    this.#evict = evict;
  }

  get(name: Name): Entry | undefined {
    const found = this.#recent.get(name);
    if (found !== undefined) return found;
    const older = this.#older.get(name);
    if (older === undefined) return undefined;
    // An entry stands in one generation only, so that it is never evicted twice.
    this.#older.delete(name);
    this.#add(name, older);
    return older;
  }

  /** Replaces the entry of the same name. */
  set(name: Name, entry: Entry): void {
    // `get` moves an old entry into the recent generation, where the new one takes its place.
    const replaced = this.get(name);
    if (replaced !== undefined) this.#evict(replaced);
    this.#add(name, entry);
  }

  #add(name: Name, entry: Entry): void {
    if (this.#recent.size >= CAPACITY && !this.#recent.has(name)) {
      // Whatever was used since the generation began has moved to the recent one by now.
      for (const old of this.#older.values()) this.#evict(old);
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(name, entry);
  }
}

/**
 * Entries by the content of bytes. The bytes are copied, compared in full, and overwritten when their entry is evicted,
 * so that no copy of a key outlives the caller's own for long.
 */
export class RecentBytes<Entry> {
  readonly #entries: Recent<number, { readonly bytes: Uint8Array; readonly entry: Entry }>;

  constructor(evict: (entry: Entry) => void) {
    this.#entries = new Recent(({ bytes, entry }) => {
      bytes.fill(0);
      evict(entry);
    });
  }

  get(bytes: Uint8Array): Entry | undefined {
    // The fingerprint only finds a candidate; the comparison of all bytes decides.
    const found = this.#entries.get(fingerprint(bytes));
    return found !== undefined && isSame(found.bytes, bytes) ? found.entry : undefined;
  }

  set(bytes: Uint8Array, entry: Entry): void {
    this.#entries.set(fingerprint(bytes), { bytes: Uint8Array.from(bytes), entry });
  }
}

/** How many bytes a fingerprint reads. Two keys that agree in all of them evict each other, and are then read again. */
const SAMPLES = 64;

/** A hash of the length and of samples from the whole (FNV-1a). Not cryptographic: a collision costs time only. */
function fingerprint(bytes: Uint8Array): number {
  const { length } = bytes;
  const step = length <= SAMPLES ? 1 : length / SAMPLES;
  let hash = 0x811c9dc5 ^ length;
  for (let at = 0; at < length; at += step) hash = Math.imul(hash ^ bytes[Math.floor(at)]!, 0x01000193);
  return hash;
}

/** Stops at the first difference, which is safe: both sides are keys of the program, and no stranger chooses either. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}

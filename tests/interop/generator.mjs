// Seeded random material, so that a failing run can be repeated from its seed.

/** A generator of numbers in [0, 1): mulberry32. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Choices drawn from a generator. */
export class Draw {
  constructor(seed) {
    this.random = seeded(seed);
  }

  below(n) {
    return Math.floor(this.random() * n);
  }

  chance(of) {
    return this.random() < of;
  }

  one(list) {
    return list[this.below(list.length)];
  }

  text() {
    return this.one([
      "",
      "a",
      "ada",
      "ünï",
      "日本",
      "😀",
      '"\\\n',
      " ",
      "\u2028",
      "x".repeat(this.below(300)),
      "\ud800",
    ]);
  }

  json(depth = 0) {
    const kind = this.below(depth > 2 ? 5 : 7);
    if (kind === 0) return this.text();
    if (kind === 1) return this.one([0, 1, -1, 1.5, 1e21, 2 ** 53]);
    if (kind === 2) return this.chance(0.5);
    if (kind === 3) return null;
    if (kind === 4) return this.below(1e6);
    if (kind === 5) return Array.from({ length: this.below(4) }, () => this.json(depth + 1));
    return Object.fromEntries(Array.from({ length: this.below(4) }, () => [this.text(), this.json(depth + 1)]));
  }
}

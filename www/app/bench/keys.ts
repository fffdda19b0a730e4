/** The two fields for keys: filled with keys that the page makes, until somebody brings another. */
import { find } from "../dom.js";
import type { Algorithm } from "./algorithms.js";
import { isHmac, isRsa } from "./algorithms.js";
import { type Material, makeKey, reuse, type Spelling, secretOf } from "./key-material.js";

/** Readable, so that a visitor sees that a secret is a text, and 64 bytes or more, which HS512 asks of a JWK. */
const FIRST_SECRET = "a secret that only servers know, and as long as HS512 asks a JWK to be";

/** Keeps a key for each family, so that going back to an algorithm shows the same one. */
export class Keys {
  readonly sign = find("key", HTMLTextAreaElement);
  readonly verify = find("verify-key", HTMLTextAreaElement);
  readonly #spellings = find("spellings", HTMLElement);
  readonly #plain = find("spelling-plain", HTMLElement);
  readonly #signLabel = find("key-label", HTMLElement);
  readonly #made = new Map<string, Material>();
  #algorithm: Algorithm = "HS256";
  /** The key that the fields were filled from; null for keys of the visitor's own. */
  #shown: Material | null = null;

  /** How the fields spell their keys now. */
  get spelling(): Spelling {
    return (this.#spellings.querySelector<HTMLInputElement>("input:checked")?.value ?? "pem") as Spelling;
  }

  /** The name to sign under: a set is searched by it. */
  get kid(): string | undefined {
    return this.spelling === "jwks" ? this.#shown?.kid : undefined;
  }

  /** Fills the fields for an algorithm. A pair of a family that has none yet is made, which may take a moment. */
  use(algorithm: Algorithm): void {
    this.#algorithm = algorithm;
    this.#plain.textContent = isHmac(algorithm) ? "Text" : "PEM";
    this.#signLabel.textContent = isHmac(algorithm) ? "Key, which both sides know" : "Private key";
    // Every other algorithm is a family of its own: curves and hashes have keys of their own.
    const family = isRsa(algorithm) ? "RSA" : algorithm;
    let material = this.#made.get(family);
    if (material === undefined) {
      material = isHmac(algorithm) ? secretOf(algorithm, FIRST_SECRET) : makeKey(algorithm);
      this.#made.set(family, material);
    }
    this.#fill(isRsa(algorithm) ? reuse(algorithm, material) : material);
  }

  /** Replaces the key of the family. */
  renew(): void {
    const made = makeKey(this.#algorithm);
    this.#made.set(isRsa(this.#algorithm) ? "RSA" : this.#algorithm, made);
    this.#fill(made);
  }

  /** In the spelling that is chosen now; keys of somebody's own stay as they are. */
  respell(): void {
    if (this.#shown !== null) this.#fill(this.#shown);
  }

  /** The signer's field was written in. Both sides know the key of an HMAC, so the other field follows. */
  signEdited(): void {
    if (isHmac(this.#algorithm)) this.verify.value = this.sign.value;
    this.#shown = null;
  }

  /** The verifier's field was written in: from now on the key is somebody's own. */
  verifyEdited(): void {
    this.#shown = null;
  }

  #fill(material: Material): void {
    this.#shown = material;
    // A set is for the verifier. Whoever signs has one key.
    this.sign.value = material.sign[this.spelling === "jwks" ? "jwk" : this.spelling];
    this.verify.value = material.verify[this.spelling];
  }
}

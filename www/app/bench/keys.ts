/** The two key fields: filled with keys that the page generates, until the visitor enters another. */
import { find } from "../dom.js";
import type { Algorithm } from "./algorithms.js";
import { isHmac, isRsa } from "./algorithms.js";
import { type Material, makeKey, reuse, type Spelling, secretOf } from "./key-material.js";

/** Readable, so that a visitor sees that a secret is a text, and at least 64 bytes long, as HS512 requires of a JWK. */
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
  /** The key that the fields were filled from; null for the visitor's own keys. */
  #shown: Material | null = null;

  /** The format that the fields currently show. */
  get spelling(): Spelling {
    return (this.#spellings.querySelector<HTMLInputElement>("input:checked")?.value ?? "pem") as Spelling;
  }

  /** The `kid` to sign under: the verifier looks it up in a set. */
  get kid(): string | undefined {
    return this.spelling === "jwks" ? this.#shown?.kid : undefined;
  }

  /** Fills the fields for an algorithm. If its family has no key yet, one is generated, which may take a moment. */
  use(algorithm: Algorithm): void {
    this.#algorithm = algorithm;
    this.#plain.textContent = isHmac(algorithm) ? "Text" : "PEM";
    this.#signLabel.textContent = isHmac(algorithm) ? "Key, which both sides know" : "Private key";
    // Every other algorithm is a family of its own: curves and hashes have their own keys.
    const family = isRsa(algorithm) ? "RSA" : algorithm;
    let material = this.#made.get(family);
    if (material === undefined) {
      material = isHmac(algorithm) ? secretOf(algorithm, FIRST_SECRET) : makeKey(algorithm);
      this.#made.set(family, material);
    }
    this.#fill(isRsa(algorithm) ? reuse(algorithm, material) : material);
  }

  /** Replaces the family's key. */
  renew(): void {
    const made = makeKey(this.#algorithm);
    this.#made.set(isRsa(this.#algorithm) ? "RSA" : this.#algorithm, made);
    this.#fill(made);
  }

  /** Shows the key in the chosen format; the visitor's own keys are left alone. */
  respell(): void {
    if (this.#shown !== null) this.#fill(this.#shown);
  }

  /** Called when the signer's field was edited. HMAC keys are shared, so the other field follows. */
  signEdited(): void {
    if (isHmac(this.#algorithm)) this.verify.value = this.sign.value;
    this.#shown = null;
  }

  /** Called when the verifier's field was edited: from now on the key is the visitor's own. */
  verifyEdited(): void {
    this.#shown = null;
  }

  #fill(material: Material): void {
    this.#shown = material;
    // A set is for the verifier. The signer has a single key.
    this.sign.value = material.sign[this.spelling === "jwks" ? "jwk" : this.spelling];
    this.verify.value = material.verify[this.spelling];
  }
}

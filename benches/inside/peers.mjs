// What is measured in a runtime that is not this one, and how: the same everywhere.

import * as hono from "../contenders/hono.mjs";
import * as jose from "../contenders/jose.mjs";
import * as tandem from "../contenders/tandem.mjs";
import * as workerJwt from "../contenders/worker-jwt.mjs";
import { measure } from "../measure.mjs";

/** Those that run anywhere. */
export const ANYWHERE = [tandem, jose, hono, workerJwt];

const FORMS = ["prepared", "KeyObject", "CryptoKey"];

/** The rows of some algorithms with prepared keys. */
export async function measureAll(materials, peers, settings) {
  const rows = [];
  for (const material of materials) {
    const isRsa = /^(RS|PS)/.test(material.algorithm);
    const measured = await measure(material, peers, settings, ({ op, key, who }) => {
      const takesTooLong = op === "sign" && isRsa && !settings.rsaSigns;
      return FORMS.includes(key) && who !== tandem.IN_WASM && !takesTooLong;
    });
    rows.push(...measured.rows);
  }
  return rows;
}

// npm jsonwebtoken and fast-jwt, which need Node or what is like it.

import { createPrivateKey, createPublicKey, createSecretKey } from "node:crypto";

import { createSigner, createVerifier } from "fast-jwt";
import original from "jsonwebtoken";

import { isSecret } from "./web-keys.mjs";

const HOUR = 3_600_000;

export const jsonwebtoken = {
  name: "jsonwebtoken",
  async verifying({ algorithm, token, publicText }) {
    const options = { algorithms: [algorithm] };
    const key = isSecret(algorithm) ? createSecretKey(publicText, "utf8") : createPublicKey(publicText);
    return [
      { mode: "sync", key: "text", call: () => original.verify(token, publicText, options) },
      { mode: "sync", key: "KeyObject", call: () => original.verify(token, key, options) },
    ];
  },
  async signing({ algorithm, payload, privateText }) {
    const options = { algorithm, expiresIn: "1h" };
    const key = isSecret(algorithm) ? createSecretKey(privateText, "utf8") : createPrivateKey(privateText);
    return [
      { mode: "sync", key: "text", call: () => original.sign(payload, privateText, options) },
      { mode: "sync", key: "KeyObject", call: () => original.sign(payload, key, options) },
    ];
  },
};

export const fastJwt = {
  name: "fast-jwt",
  async verifying({ algorithm, token, publicText }) {
    const verify = createVerifier({ key: publicText, algorithms: [algorithm], cache: false });
    return [{ mode: "sync", key: "prepared", call: () => verify(token) }];
  },
  async signing({ algorithm, payload, privateText }) {
    const sign = createSigner({ key: privateText, algorithm, expiresIn: HOUR });
    return [{ mode: "sync", key: "prepared", call: () => sign(payload) }];
  },
};

// One check for every runtime and bundle: no host API, so that it runs anywhere. Throws if something is wrong.

/** Exercises the drop-in that is given to it, with a pair of RSA keys in PEM; returns how many things were checked. */
export function check(jwt, rsa) {
  let checks = 0;
  const same = (actual, expected, what) => {
    checks += 1;
    if (actual !== expected) throw new Error(`${what}: ${actual} is not ${expected}`);
  };
  const code = call => {
    try {
      call();
      return "no error";
    } catch (error) {
      return error.code;
    }
  };

  // The token of npm jsonwebtoken 9.0.3 for this input.
  const known =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJuYW1lIjoiQWRhIMOpIPCfmIAiLCJpYXQiOjE3MDAwMDAwMDB9.oS4Ty_NxP7ewN98rsvcGKULjYcNpliM991ygtD_yodI";
  same(jwt.sign({ name: "Ada é 😀", iat: 1700000000 }, "secret"), known, "signed");
  same(jwt.verify(known, "secret").name, "Ada é 😀", "verified");
  same(jwt.decode(known).iat, 1700000000, "decoded");
  for (const algorithm of ["HS256", "HS384", "HS512"]) {
    const token = jwt.sign({ sub: "ada" }, new Uint8Array([1, 2, 3]), { algorithm, expiresIn: "15m" });
    same(jwt.verify(token, new Uint8Array([1, 2, 3]), { algorithms: [algorithm] }).sub, "ada", algorithm);
    same(code(() => jwt.verify(token, "other")), "ERR_JWT_SIGNATURE", `${algorithm} with another key`);
  }
  for (const algorithm of ["RS256", "PS384", "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "ES256K", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"]) {
    // RSA keys take seconds to make in wasm, so that one is given.
    const { privateKey, publicKey } = /^[RP]S/.test(algorithm) ? rsa : jwt.generateKey(algorithm);
    const token = jwt.sign({ sub: "ada" }, privateKey, { algorithm });
    same(jwt.verify(token, publicKey, { algorithms: [algorithm] }).sub, "ada", algorithm);
    same(code(() => jwt.verify(`${token.slice(0, -9)}AAAAAAAA${token.slice(-1)}`, publicKey)), "ERR_JWT_SIGNATURE", `${algorithm}, tampered`);
  }
  const large = "日".repeat(100_000);
  same(jwt.verify(jwt.sign({ large }, "secret"), "secret").large, large, "large");
  same(code(() => jwt.verify("....", "secret")), "ERR_JWT_MALFORMED", "malformed");
  same(code(() => jwt.verify(jwt.sign({ exp: 1 }, "secret"), "secret")), "ERR_JWT_EXPIRED", "expired");
  return checks;
}

/** Exercises the sessions that are given to it, and returns how many things were checked. */
export async function checkSessions({ createSessions, memoryStore }) {
  let checks = 0;
  const same = (actual, expected, what) => {
    checks += 1;
    if (actual !== expected) throw new Error(`${what}: ${actual} is not ${expected}`);
  };
  let now = 1_700_000_000;
  const sessions = createSessions({
    issuer: "https://issuer.example",
    audience: "https://api.example",
    clientId: "check",
    keys: { access: "an access secret of thirty-two bytes", refresh: "a refresh secret of thirty-two bytes" },
    store: memoryStore(),
    now: () => now,
  });
  const first = await sessions.issue({ sub: "ada", scope: "read" });
  same((await sessions.verify(first.access, { scope: "read" })).ok, true, "access");
  now += 60;
  const second = await sessions.refresh(first.refresh);
  same(second.outcome, "rotated", "refresh");
  same((await sessions.refresh(first.refresh)).refresh, second.refresh, "retry");
  now += 60;
  const third = await sessions.refresh(second.refresh);
  same(third.outcome, "rotated", "refresh again");
  same((await sessions.refresh(first.refresh)).error, "invalid_grant", "replay");
  same((await sessions.refresh(third.refresh)).error, "invalid_grant", "after the replay");
  return checks;
}

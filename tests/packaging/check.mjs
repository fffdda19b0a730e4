// One check for every runtime and bundle: no host API, so that it runs anywhere. Throws if something is wrong.

/** Every algorithm there is. */
export const ALGORITHMS = [
  ...["HS256", "HS384", "HS512"],
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519", "ES256K"],
  ...["ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "none"],
];

/**
 * Exercises the drop-in that is given to it, with a pair of RSA keys in PEM. Returns the algorithms that signed,
 * verified, and refused a tampered token and another's key.
 */
export function check(jwt, rsa) {
  const algorithms = [];
  const same = (actual, expected, what) => {
    if (actual !== expected) throw new Error(`${what}: ${actual} is not ${expected}`);
  };
  const code = (call) => {
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
  // RSA keys take seconds to make in wasm, so that one is given.
  const keysFor = (algorithm) => {
    if (algorithm === "none") return { privateKey: null, publicKey: null };
    if (/^[RP]S/.test(algorithm)) return rsa;
    const { jwk, privateKey = jwk, publicKey = jwk } = jwt.generateKey(algorithm);
    return { privateKey, publicKey };
  };
  for (const algorithm of ALGORITHMS) {
    const { privateKey, publicKey } = keysFor(algorithm);
    const token = jwt.sign({ sub: "ada" }, privateKey, { algorithm });
    const only = { algorithms: [algorithm] };
    same(jwt.verify(token, publicKey, only).sub, "ada", algorithm);
    const tampered = algorithm === "none" ? `${token}AAAA` : `${token.slice(0, -9)}AAAAAAAA${token.slice(-1)}`;
    const refusal = algorithm === "none" ? "ERR_KEY_MISSING" : "ERR_JWT_SIGNATURE";
    same(
      code(() => jwt.verify(tampered, publicKey, only)),
      refusal,
      `${algorithm}, tampered`,
    );
    same(
      code(() => jwt.verify(token, "a secret", only)),
      algorithm === "none" || algorithm.startsWith("HS") ? "ERR_JWT_SIGNATURE" : "ERR_KEY_INVALID",
      `${algorithm} with another key`,
    );
    algorithms.push(algorithm);
  }
  const large = "日".repeat(100_000);
  same(jwt.verify(jwt.sign({ large }, "secret"), "secret").large, large, "large");
  same(
    code(() => jwt.verify("....", "secret")),
    "ERR_JWT_MALFORMED",
    "malformed",
  );
  same(
    code(() => jwt.verify(jwt.sign({ exp: 1 }, "secret"), "secret")),
    "ERR_JWT_EXPIRED",
    "expired",
  );
  return algorithms;
}

/**
 * Exercises the drop-in as a program has it by import beside the drop-in as a dependency has it by require: each verifies
 * what the other signed, and the errors of one are errors of the other. Returns how many things were checked.
 */
export function checkBoth(imported, required) {
  let checks = 0;
  const holds = (truth, what) => {
    checks += 1;
    if (!truth) throw new Error(what);
  };
  const caught = (call) => {
    try {
      return call();
    } catch (error) {
      return error;
    }
  };
  for (const [here, there, name] of [
    [imported, required, "imported"],
    [required, imported, "required"],
  ]) {
    const token = here.sign({ sub: "ada" }, "secret");
    holds(there.verify(token, "secret").sub === "ada", `the other refuses what the ${name} one signed`);
    const tampered = caught(() => here.verify(`${token.slice(0, -9)}AAAAAAAA${token.slice(-1)}`, "secret"));
    const refused = tampered instanceof there.JsonWebTokenError && tampered.code === "ERR_JWT_SIGNATURE";
    holds(
      refused && !(tampered instanceof there.TokenExpiredError),
      `tampered, refused by the ${name} one: ${tampered}`,
    );
    const expired = caught(() => here.verify(here.sign({ exp: 1 }, "secret"), "secret"));
    const both = expired instanceof there.TokenExpiredError && expired instanceof here.JsonWebTokenError;
    holds(both && expired.expiredAt.getTime() === 1000, `expired, refused by the ${name} one: ${expired}`);
  }
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

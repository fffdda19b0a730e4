/** What stands in the place of our verify: jose's, with the same checks of issuer, audience, type and time. */
export async function verifyAccess(settings, token, request = {}) {
  try {
    joseKey ??= await keyOf(globalThis.verificationKey);
    const { payload } = await jwtVerify(token, joseKey, {
      issuer: settings.issuer,
      audience: settings.audience,
      typ: "at+jwt",
      algorithms: ["HS256", "ES256"],
    });
    if (request.scope !== undefined && !allows(payload.scope, request.scope)) return invalid("ERR_SCOPE");
    return { ok: true, claims: payload };
  } catch {
    return invalid("ERR_JWT_SIGNATURE");
  }
}

let joseKey;
const keyOf = (text) => (text.startsWith("{") ? importJWK(JSON.parse(text), "ES256") : new TextEncoder().encode(text));

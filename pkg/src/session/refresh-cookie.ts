// The refresh token in a cookie, for applications that set cookies themselves.

/** The name of the cookie. Browsers refuse the prefix to scripts, and to hosts other than the one that set it. */
export const REFRESH_COOKIE = "__Host-Http-refresh";

/** The `Set-Cookie` header that keeps a refresh token for so many seconds (RFC 6265 section 4.1). */
export function refreshCookie(token: string, maxAge: number): string {
  return `${REFRESH_COOKIE}=${token}; Path=/; Max-Age=${maxAge}; Secure; HttpOnly; SameSite=Lax`;
}

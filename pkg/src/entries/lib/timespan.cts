import spans = require("../../jwt/timespan.js");

/**
 * `iat`, or now, plus a time span, in seconds since 1970, as npm jsonwebtoken's `lib/timespan` returns it. Undefined if
 * `time` is not a span.
 */
function timespan(time: string | number, iat?: number): number | undefined {
  // An `iat` of 0 counts as missing, as in npm jsonwebtoken.
  return spans.after(iat || Math.floor(Date.now() / 1000), time);
}

export = timespan;

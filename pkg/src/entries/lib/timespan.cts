import spans = require("../../jwt/timespan.js");

/**
 * The time, in seconds since 1970, that lies a span after `iat`, or after now: as npm jsonwebtoken's `lib/timespan`. Undefined
 * for what is no span.
 */
function timespan(time: string | number, iat?: number): number | undefined {
  return spans.after(iat || Math.floor(Date.now() / 1000), time);
}

export = timespan;

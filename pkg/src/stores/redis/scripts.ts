// The scripts that run inside Redis. Each is one atomic operation, and declares every key that it accesses.
//
// Since version 5, Redis replicates a script's effects rather than the script, so a script may read the clock.
//
// A session is a hash of r (its record), v (version) and a (active); an epoch is a hash of v (value), k (the kept
// session) and f (since when it is kept); the list is a sorted set of sids, scored by when their rows expire, in
// milliseconds.
//
// `%.0f` formats a number without exponent and fraction, which commands that take a time would refuse.

/** A script. An object, so that it can be the key of a cache of hashes. */
export interface Script {
  readonly lua: string;
}

// A row outlives its session by an hour, so that a token that arrives slightly late is reported as expired rather than
// unknown.
//
// An epoch outlives every row that it may have ended: otherwise such a session would become active again. So the expiry
// of the epoch and of the list is never shortened. PTTL returns -2 for a missing key, which is left alone, and -1 for a
// key without an expiry, which gets one.
//
// Names whose rows are gone are removed from the list on every write, so it does not grow forever.
const KEEP = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function until_at_least(key, due)
  local left = redis.call('PTTL', key)
  if left ~= -2 and left < due - now then redis.call('PEXPIREAT', key, string.format('%.0f', due)) end
end
local function keep(sid, expires_at)
  local due = expires_at * 1000 + 3600000
  redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', due))
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', string.format('%.0f', now))
  redis.call('ZADD', KEYS[3], string.format('%.0f', due), sid)
  until_at_least(KEYS[2], due)
  until_at_least(KEYS[3], due)
end
`;

/** KEYS: row, epoch, list. ARGV: sid, expiry in seconds, active, record. Returns 1, or 0 if the row exists. */
export const CREATE: Script = {
  lua: `${KEEP}
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'r', ARGV[4], 'v', 1, 'a', ARGV[3])
keep(ARGV[1], ARGV[2])
return 1`,
};

/**
 * KEYS and ARGV as for CREATE, then the expected version. Returns 1, or 0 if the version differs. Versions are
 * compared as texts, because Redis stores text. A missing row gives `false`, which equals no text.
 */
export const COMPARE_AND_SET: Script = {
  lua: `${KEEP}
if redis.call('HGET', KEYS[1], 'v') ~= ARGV[5] then return 0 end
redis.call('HINCRBY', KEYS[1], 'v', 1)
redis.call('HSET', KEYS[1], 'r', ARGV[4], 'a', ARGV[3])
keep(ARGV[1], ARGV[2])
return 1`,
};

/**
 * KEYS: row, epoch. Answers the record, version, active, Redis's clock in milliseconds, and the epoch's three; or
 * nothing.
 */
export const LOAD: Script = {
  lua: `
local row = redis.call('HMGET', KEYS[1], 'r', 'v', 'a')
if not row[1] then return false end
local epoch = redis.call('HMGET', KEYS[2], 'v', 'k', 'f')
local time = redis.call('TIME')
local ms = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
return { row[1], row[2], row[3], ms, epoch[1], epoch[2], epoch[3] }`,
};

/** KEYS: row. Rewrites an existing value, so that the replicas have a write to acknowledge. */
export const TOUCH: Script = {
  lua: `
if redis.call('HGET', KEYS[1], 'a') == '0' then redis.call('HSET', KEYS[1], 'a', '0') end
return 1`,
};

/**
 * KEYS: epoch, list. ARGV: a clock in milliseconds, "" for that of Redis, and the session to keep, if any. Returns the
 * new value, by the rule of `nextEpoch`.
 *
 * The epoch is kept for at least a day, because a sign-in that began earlier must still find it; at least as long as
 * the last row on the list; and never for less time than before. DEL removes an earlier `keep` and also the expiry,
 * which is set again at the end.
 */
export const BUMP: Script = {
  lua: `
local time = redis.call('TIME')
local old = redis.call('HMGET', KEYS[1], 'v', 'k', 'f')
local value = tonumber(old[1] or '0')
local due = time[1] * 1000 + 86400000
local last = redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')
if last[2] then due = math.max(due, tonumber(last[2])) end
due = math.max(due, time[1] * 1000 + redis.call('PTTL', KEYS[1]))
local bumped = string.format('%.0f', math.max(value + 1, tonumber(ARGV[1]) or time[1] * 1000 + math.floor(time[2] / 1000)))
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'v', bumped)
if ARGV[2] then
  local from = string.format('%.0f', value)
  if old[2] == ARGV[2] then from = old[3] end
  redis.call('HSET', KEYS[1], 'k', ARGV[2], 'f', from)
end
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', due))
return bumped`,
};

// Ordered by sid, which never changes, so that rows inserted or deleted between two pages cause no duplicates or gaps.
/** KEYS: list. ARGV: the name after which to begin, and how many. Answers names. */
export const LIST: Script = {
  lua: `
local all = redis.call('ZRANGE', KEYS[1], 0, -1)
local found = {}
for _, sid in ipairs(all) do
  if sid > ARGV[1] then found[#found + 1] = sid end
end
table.sort(found)
local page = {}
for at = 1, math.min(#found, tonumber(ARGV[2])) do page[at] = found[at] end
return page`,
};

/**
 * KEYS: epoch, rows. Answers the epoch's three, and each record that is still there. The epoch is of the same instant
 * as the records, although the names came from an earlier call.
 */
export const READ: Script = {
  lua: `
local answer = { redis.call('HMGET', KEYS[1], 'v', 'k', 'f') }
for at = 2, #KEYS do answer[at] = redis.call('HGET', KEYS[at], 'r') end
return answer`,
};

/**
 * KEYS: a name. ARGV: how long it is kept, in milliseconds. Returns 1 on the first use. NX makes checking and
 * storing one atomic step.
 */
export const FIRST_USE: Script = {
  lua: `
if redis.call('SET', KEYS[1], '', 'NX', 'PX', ARGV[1]) then return 1 end
return 0`,
};

// The calls of one algorithm, ours and others', raced: in any runtime.

import { verify } from "tandem-jwt";

import { race } from "./rounds.mjs";

const AT_ONCE = 50;

/**
 * Measures the ways of every peer to verify and to sign. Returns rows of `{ algorithm, bits, op, mode, key, who,
 * samples }`, in microseconds, and what a peer could not do: `{ algorithm, op, who, key, why }`. `wanted` may leave
 * ways out.
 */
export async function measure(material, peers, settings, wanted = () => true) {
  const rows = [];
  const refused = [];
  for (const [op, how] of [
    ["verify", "verifying"],
    ["sign", "signing"],
  ]) {
    const groups = { sync: {}, "in sequence": {}, "50 at once": {} };
    for (const peer of peers) {
      for (const way of await waysOf(peer, how, material, refused)) {
        const { mode, key, who = peer.name } = way;
        const row = { algorithm: material.algorithm, bits: material.bits, op, mode, key, who };
        const why = await fault(op, way, material);
        if (why !== undefined) refuse(peer, { ...row, why }, refused);
        else if (wanted(row)) enlist(groups, way, row);
      }
    }
    for (const [mode, group] of Object.entries(groups)) {
      const samples = await race(group, settings);
      for (const [name, { row }] of Object.entries(group)) rows.push({ ...row, mode, samples: samples[name] });
    }
  }
  return { rows, refused };
}

async function waysOf(peer, how, material, refused) {
  try {
    return await peer[how](material);
  } catch (error) {
    const op = how === "verifying" ? "verify" : "sign";
    refuse(peer, { algorithm: material.algorithm, op, who: peer.name, key: "any", why: error.message }, refused);
    return [];
  }
}

/** A peer may lack an algorithm; ours must support all of them. */
function refuse(peer, row, refused) {
  if (peer.name === "tandem-jwt") throw new Error(`${row.algorithm} ${row.op}, ${row.key}: ${row.why}`);
  refused.push(row);
}

function enlist(groups, { mode, call, slow }, row) {
  const name = `${row.who} ${row.key}`;
  if (mode === "sync") {
    groups.sync[name] = { call, row };
    return;
  }
  groups["in sequence"][name] = { call, row };
  if (slow) return;
  groups["50 at once"][name] = {
    call: async () => {
      await Promise.all(Array.from({ length: AT_ONCE }, call));
    },
    per: AT_ONCE,
    row,
  };
}

/** Why a call gives the wrong result, if it does: its speed is then ignored. */
async function fault(op, { call }, { algorithm, payload, publicText }) {
  try {
    const result = await call();
    const claims = op === "verify" ? result : verify(result, publicText, { algorithms: [algorithm] });
    return claims.sub === payload.sub ? undefined : `sub is ${claims.sub}`;
  } catch (error) {
    return String(error?.message ?? error);
  }
}

// In a Worker, whose own clock stands still while it computes: it asks the outside for the time, and what the asking
// takes is measured first.

import { bigInt, noble } from "../contenders/by-hand.mjs";
import { median } from "../rounds.mjs";
import { ANYWHERE, measureAll } from "./peers.mjs";

export default {
  async fetch(request, env) {
    const { materials, race } = await request.json();
    const clock = async () => Number(await (await env.CLOCK.fetch("http://clock")).text());
    const waits = [];
    for (let at = 0; at < 50; at++) {
      const start = await clock();
      waits.push((await clock()) - start);
    }
    try {
      const settings = { ...race, clock, overhead: median(waits) };
      return Response.json(await measureAll(materials, [...ANYWHERE, noble, bigInt], settings));
    } catch (error) {
      return new Response(String(error?.stack ?? error), { status: 500 });
    }
  },
};

// The route guard: what a match costs for plain, odd and hostile paths, in a table of 20 routes.

import { RouteTable } from "../pkg/dist/edge/routes.js";

import { table as tableOf, timed } from "./report/figures.mjs";
import { race } from "./rounds.mjs";

const routes = Object.fromEntries(Array.from({ length: 18 }, (_, at) => [`/service-${at}/*`, { scope: `s${at}` }]));
const table = new RouteTable({ ...routes, "/*": { optional: true }, "/admin/*": { scope: "admin" } });
const paths = {
  "plain: /service-7/orders/2024": "/service-7/orders/2024",
  "escapes: /wiki/caf%C3%A9/a%20b": "/wiki/caf%C3%A9/a%20b",
  "hostile: //admin/..%5cx%2f..%2fsecret.txt": "//admin/..%5cx%2f..%2fsecret.txt",
  "hostile: 4,000 characters of ;%252f": `/${";%252f".repeat(667)}`,
  "hostile: 4,000 characters of a..%2f": `/${"a..%2f".repeat(667)}`,
};

export async function run(settings) {
  const calls = Object.fromEntries(
    Object.entries(paths).map(([name, path]) => [name, { call: () => table.match(path) }]),
  );
  const measured = await race(calls, settings.race);
  const lines = Object.keys(paths).map((name) => [name, timed(measured[name])]);
  return {
    title: "The route guard",
    text: `Microseconds per path in a table of 20 routes.\n\n${tableOf(["path", "a match"], lines)}\n`,
  };
}

// The reference pages: sessions, generated from the types and the table of options, and error codes, generated from
// their table. `node tests/docs/api.mjs` writes the pages, and a test compares them with its output.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { CODES } from "../../pkg/dist/core/error-codes.js";
import { OPTIONS } from "../../pkg/dist/session/options.js";

const source = (name) => readFileSync(new URL(`../../pkg/src/session/${name}`, import.meta.url), "utf8");
const pageOf = (name) => new URL(`../../docs/api/${name}.md`, import.meta.url);

/** The members of an interface: name, type, whether it is optional, and its comment. */
function members(types, name) {
  const start = types.indexOf(`export interface ${name} {`);
  if (start < 0) throw new Error(`there is no interface ${name}`);
  const body = types.slice(types.indexOf("{\n", start) + 2, types.indexOf("\n}", start));
  const found = [];
  // A type may begin on the next line, and a generic method is shown without its type parameters.
  const member =
    /(?:[ \t]*\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?^( {2,4})(?:readonly )?(\w+)(?:<.*>)?(\??)(?::\s+|(?=\())([\s\S]*?)[;{]$/gm;
  let outer = "";
  for (const [, about = "", indent, word, optional, type] of body.matchAll(member)) {
    const path = indent.length > 2 ? `${outer}.${word}` : word;
    if (indent.length === 2) outer = word;
    const shown = type.replace(/\s+/g, " ").replace(/^\| /, "").trim();
    const overloaded = found.find(({ name }) => name === path);
    if (overloaded) {
      // The last signature is the plain one.
      overloaded.type = shown;
      continue;
    }
    found.push({
      name: path,
      optional: optional === "?",
      type: shown.startsWith("(") ? shown : shown.replace(/ \| undefined$/, ""),
      about: about
        .replace(/^\s*\* ?/gm, "")
        .replace(/\s+/g, " ")
        .trim(),
    });
  }
  return found;
}

const cell = (text) => String(text).replaceAll("|", "\\|");
const code = (text) => (text === "" ? "" : `\`${cell(text)}\``);

/** An option's default, with its unit. */
function defaultOf({ kind, default: value, required }) {
  if (required) return "required";
  if (value === undefined) return "";
  return ["span", "count", "share", "choice", "flag"].includes(kind) && !/ /.test(value) ? code(value) : cell(value);
}

function takes({ kind, choices, from, to }) {
  if (choices) return choices.map((choice) => code(`"${choice}"`)).join(" or ");
  const range = from === undefined ? "" : to === undefined ? `, from ${from}` : `, ${from} to ${to}`;
  const words = {
    text: "text",
    texts: "text, or a list of texts",
    names: "a list of names",
    span: `seconds, or a span such as \`"15m"\`${to === undefined ? "" : ", 1 s to 1 h"}`,
    count: `a whole number${range}`,
    share: `a number${range}`,
    time: "seconds since 1970",
    flag: "a boolean",
    object: "an object",
    function: "a function",
  };
  return words[kind];
}

function optionsTable(where, described, listed) {
  const rows = Object.entries(described).map(([name, option]) => {
    const member = listed.find((member) => member.name === name || member.name === `keys.${name}`);
    if (member === undefined) throw new Error(`${where}: the types have no ${name}`);
    if (member.optional === Boolean(option.required)) throw new Error(`${where}.${name}: required or not?`);
    return `| \`${name}\` | ${takes(option) ?? code(member.type)} | ${defaultOf(option)} | ${cell(member.about)} |`;
  });
  const unsaid = listed.map(({ name }) => name.replace(/^keys\./, "")).filter((name) => !(name in described));
  if (unsaid.length > 0) throw new Error(`${where}: not described: ${unsaid}`);
  return ["| option | takes | default | |", "|---|---|---|---|", ...rows].join("\n");
}

function fieldsTable(listed) {
  const rows = listed.map(
    ({ name, type, optional, about }) =>
      `| \`${name}\`${optional ? ", if any" : ""} | ${code(type)} | ${cell(about)} |`,
  );
  return ["| field | type | |", "|---|---|---|", ...rows].join("\n");
}

const SPEAKERS = { tokens: "`sign`, `verify`", sessions: "sessions", both: "both" };

/** The codes of all errors. */
function errors() {
  const rows = Object.entries(CODES).map(
    ([name, { by, means }]) => `| ${code(name)} | ${SPEAKERS[by]} | ${cell(means)} |`,
  );
  return `${[
    "# Reference: error codes",
    "`err.code` does not change between releases. Messages are for people and may change. `node tests/docs/api.mjs` generates\nthis page from `pkg/src/core/error-codes.ts`; a test compares the page and the Rust core with that table.",
    ["| code | reported by | meaning |", "|---|---|---|", ...rows].join("\n"),
  ].join("\n\n")}\n`;
}

/** The reference of sessions. */
function sessions() {
  const types = source("types.ts");
  const of = (name) => members(types, name);
  const top = of("SessionOptions");
  const flat = top.filter(({ name }) => !name.includes("."));
  const section = (title, table) => `## ${title}\n\n${table}`;
  return `${[
    "# Reference: sessions",
    "`node tests/docs/api.mjs` generates this page from the types and the table of options; a test compares them.\n[sessions.md](../sessions.md) explains how everything fits together.",
    section("createSessions(options)", optionsTable("createSessions", OPTIONS.createSessions, flat)),
    section(
      "options.keys",
      optionsTable(
        "keys",
        OPTIONS.keys,
        top.filter(({ name }) => name.startsWith("keys.")),
      ),
    ),
    section("options.dpop", optionsTable("dpop", OPTIONS.dpop, of("DpopOptions"))),
    section("sessions", fieldsTable(of("Sessions"))),
    section("issue(request)", optionsTable("issue", OPTIONS.issue, of("IssueRequest"))),
    section("refresh(token, request)", optionsTable("refresh", OPTIONS.refresh, of("RefreshRequest"))),
    section("stepUp(token, request)", optionsTable("stepUp", OPTIONS.stepUp, of("StepUpRequest"))),
    section("verify(accessToken, request)", optionsTable("verify", OPTIONS.verify, of("VerifyRequest"))),
    section("A pair of tokens", fieldsTable(of("TokenPair"))),
    section("A refusal", fieldsTable(of("Refusal"))),
    section("The claims of an access token", fieldsTable(of("AccessClaims"))),
    section("A session in a list", fieldsTable(of("SessionView"))),
    section("A proof and its request", fieldsTable(of("DpopRequest"))),
    section(
      "Error codes and reasons",
      "`err.code` of a `SessionError` and `reason` of a failed verification are the session codes in [errors.md](errors.md).",
    ),
  ].join("\n\n")}\n`;
}

/** The pages as they should be, by name. */
export const references = () => ({ sessions: sessions(), errors: errors() });

/** A page as it is. */
export const page = (name) => readFileSync(pageOf(name), "utf8");

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of Object.entries(references())) writeFileSync(pageOf(name), text);
}

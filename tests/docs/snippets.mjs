// The fenced code of a Markdown file.

import { readFileSync } from "node:fs";

/** The blocks of a language, with the line they begin at. */
export function snippets(file, language) {
  const lines = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8").split("\n");
  const found = [];
  let block;
  for (const [at, line] of lines.entries()) {
    if (block && line === "```") {
      found.push({ line: block.line, code: block.code.join("\n") });
      block = undefined;
    } else if (block) block.code.push(line);
    else if (line === `\`\`\`${language}`) block = { line: at + 1, code: [] };
  }
  return found;
}

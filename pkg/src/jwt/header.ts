// Reading and writing protected headers.

/**
 * Whether a member name stands twice at the top of a JSON object. Parsers disagree on which of the two counts, so
 * such a header could mean one thing here and another elsewhere (RFC 7515 §4). The text must be valid JSON.
 */
export function hasDuplicates(json: string): boolean {
  const names = new Set<string>();
  // How many brackets are open; the members of the header itself stand at depth 1.
  let depth = 0;
  // Whether a string that begins here is the name of a member and not a value.
  let name = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') {
      const end = stringEnd(json, at);
      if (name && depth === 1) {
        // Names are compared unescaped: "alg" and "\u0061lg" are the same name to every parser.
        const text = JSON.parse(json.slice(at, end)) as string;
        if (names.has(text)) return true;
        names.add(text);
      }
      name = false;
      // Skips the string, so that brackets and commas inside it are not counted.
      at = end - 1;
    } else if (character === "{" || character === "[") {
      depth += 1;
      name = character === "{";
    } else if (character === "}" || character === "]") {
      depth -= 1;
    } else if (character === ",") {
      // At depth 1 the only open bracket is the brace of the header, so a name follows the comma.
      name = depth === 1;
    }
  }
  return false;
}

/** The place after the string that begins at `start`. */
function stringEnd(json: string, start: number): number {
  let at = start + 1;
  // A backslash takes the character after it along, which may be a quotation mark. In valid JSON each string ends.
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** The header's JSON in ASCII: other characters become escapes, which readers of UTF-8 and of latin1 read alike. */
export function headerText(header: object): string {
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(header).replace(/[^\0-\x7f]/g, escaped);
}

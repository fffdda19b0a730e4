/**
 * What is wrong with the names of an object's members, as the end of a sentence; undefined if all are known. A misspelt
 * option would otherwise be ignored, and with it the protection that it asks for.
 */
export function unknownOption(options: object, known: readonly string[]): string | undefined {
  const name = Object.keys(options).find((one) => !known.includes(one));
  if (name === undefined) return undefined;
  const meant = known.find((one) => one.toLowerCase() === name.toLowerCase());
  return `has no option "${name}": ${meant === undefined ? `it knows ${known.join(", ")}` : `did you mean "${meant}"?`}`;
}

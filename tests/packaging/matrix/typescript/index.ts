// What run.mjs is given.

export * as forms from "./forms.js";
export * as subpaths from "./subpaths.js";
export * as uses from "./uses.js";

import "../../core/inline.js";

export * from "../../edge/index.js";

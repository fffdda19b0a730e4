import "../../core/inline.js";

export * from "../../edge.js";

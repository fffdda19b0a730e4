import "../../core/inline.js";

export * from "../../session.js";

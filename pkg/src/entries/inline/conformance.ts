import "../../core/inline.js";

export * from "../../stores/conformance/index.js";

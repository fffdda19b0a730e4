import "../../core/workerd.js";

export * from "../../stores/conformance/index.js";

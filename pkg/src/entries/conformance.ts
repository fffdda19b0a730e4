export * from "../stores/conformance/index.js";

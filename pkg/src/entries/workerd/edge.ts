import "../../core/workerd.js";

export * from "../../edge/index.js";

import "../../core/workerd.js";

export * from "../../edge.js";

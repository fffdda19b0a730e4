import "../../core/workerd.js";

export * from "../../session.js";

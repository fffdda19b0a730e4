export * from "../edge/index.js";

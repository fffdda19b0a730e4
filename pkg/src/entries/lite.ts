export * from "../lite/index.js";

export * from "../jwt/index.js";
export { default } from "../jwt/index.js";

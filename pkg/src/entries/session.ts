export * from "../session/index.js";
export { type MemoryStoreOptions, memoryStore } from "../stores/memory.js";

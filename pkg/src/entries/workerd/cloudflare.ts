import "../../core/workerd.js";

export * from "../../cloudflare.js";

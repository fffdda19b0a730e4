/** The edge in Node: one handler for plain `http`, `https` and `http2`, and for the frameworks built on them. */

export { type NodeGuard, toNodeGuard } from "./guard.js";
export { type Mountable, type NodeHandler, type NodeHandlerOptions, toNodeHandler } from "./handler.js";
export type { NodeReadable, NodeRequest, NodeResponse, NodeSocket, NodeUpgradeHandler } from "./messages.js";

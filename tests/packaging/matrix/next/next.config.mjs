import { fileURLToPath } from "node:url";

// The tools stand two folders up, and a lock file further up is not this application's.
export default {
  turbopack: { root: fileURLToPath(new URL("../..", import.meta.url)) },
  outputFileTracingRoot: fileURLToPath(new URL("../..", import.meta.url)),
  serverExternalPackages: [],
};

/** A table of open and guarded routes, and which of its paths are guarded. */
export const routes = {
  "/*": { optional: true },
  "/admin/*": { scope: "admin" },
  "/admin/open/*": { optional: true },
  "/x/admin": { scope: "admin" },
};

export const isGuarded = (path) =>
  (/^\/admin(?:\/|$)/.test(path) && !/^\/admin\/open(?:\/|$)/.test(path)) || /^\/x\/admin\/?$/.test(path);

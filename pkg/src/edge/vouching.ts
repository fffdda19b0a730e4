// Whether the address of a request is more than what its sender wrote.

/** Workers get a request for a host only where that host is routed to them. Elsewhere a host is what a client wrote. */
export function vouchesForHosts(): boolean {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } };
  return navigator?.userAgent === "Cloudflare-Workers";
}

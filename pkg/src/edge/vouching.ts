// Whether the host of a request is more than a claim of its sender.

/**
 * Workers receive a request for a host only if the host is routed to them. Elsewhere the client chooses the Host
 * header.
 */
export function vouchesForHosts(): boolean {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } };
  return navigator?.userAgent === "Cloudflare-Workers";
}

/** What an operator allows HTTP tools to reach. Nothing is allowed that is not written here. */
export interface EgressRules {
  /** Exact hosts, `api.example.com` (port 443) or `api.example.com:8443`. No wildcards, no addresses. */
  readonly hosts: readonly string[];
  /** Development only: opens `localhost`, `127.0.0.1` and `[::1]` on every port, also over plain http. */
  readonly loopback?: boolean;
  /** The Worker's own origins, which are never reached, listed or not. */
  readonly ownOrigins?: readonly string[];
}

/**
 * Decides whether a request may leave. It judges parsed addresses only, after the URL parser has resolved every other spelling of
 * a host. What it cannot see is where a name leads: a listed host whose DNS answers with a private address (rebinding) is met by
 * an egress proxy, which resolves and connects in one place.
 */
export interface Egress {
  /** Why the address may not be reached, or null. `ownOrigin`: a further origin of the Worker's own, if one is known. */
  refusal(url: URL, ownOrigin?: string): string | null;
}

/** Throws when a rule is not an exact host: a list that means something else than it says is a mistake of its author. */
export function createEgress(rules: EgressRules): Egress {
  const listed = new Set(rules.hosts.map(listedHost));
  const own = new Set((rules.ownOrigins ?? []).map((origin) => hostAndPort(new URL(origin))));
  const loopback = rules.loopback === true;
  return {
    refusal(url, ownOrigin) {
      const fault = addressFault(url);
      if (fault !== null) return fault;
      if (own.has(hostAndPort(url)) || isAt(ownOrigin, url)) return "The address is the runtime's own.";
      if (isLoopback(url.hostname)) return loopback ? null : "Loopback is open in development only.";
      return listed.has(hostAndPort(url)) ? null : "The host and port are not on the operator's list.";
    },
  };
}

/** What is wrong with an address wherever it is used, or null: asked at definition and again at every hop. */
export function addressFault(url: URL): string | null {
  if (url.username !== "" || url.password !== "") return "The address carries credentials.";
  if (isLoopback(url.hostname))
    return url.protocol === "http:" || url.protocol === "https:" ? null : "Only http and https are spoken.";
  if (url.protocol !== "https:") return "Only https is spoken.";
  if (url.hostname.endsWith(".localhost")) return "The host is a name of loopback.";
  return isIpLiteral(url.hostname) ? "The host is an IP address; name it." : null;
}

function isAt(origin: string | undefined, url: URL): boolean {
  return origin !== undefined && hostAndPort(new URL(origin)) === hostAndPort(url);
}

const PORT_OF: Readonly<Record<string, string>> = { "https:": "443", "http:": "80" };

/** All loopback names count as one host, or the Worker's own origin could be reached under another of them. */
function hostAndPort(url: URL): string {
  const host = isLoopback(url.hostname) ? "loopback" : url.hostname;
  return `${host}:${url.port === "" ? (PORT_OF[url.protocol] ?? "") : url.port}`;
}

/** The URL parser writes each of them in one way only: 2130706433 and 0x7f.1 become 127.0.0.1. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
}

function isIpLiteral(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(hostname);
}

function listedHost(entry: string): string {
  if (!/^[^\s/@?#*\\]+$/.test(entry) || !URL.canParse(`https://${entry}`))
    throw new TypeError(`"${entry}" is not a host to list.`);
  const url = new URL(`https://${entry}`);
  const fault = isLoopback(url.hostname) ? "Loopback is opened by the development flag." : addressFault(url);
  if (fault !== null) throw new TypeError(`"${entry}" is not a host to list. ${fault}`);
  return hostAndPort(url);
}

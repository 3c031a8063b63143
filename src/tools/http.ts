import type { Json } from "../contracts/json.ts";
import type { HttpEndpoint } from "../contracts/tool.ts";
import { type Answer, type PreparedCall, bounded, lost, unsent } from "./answer.ts";
import { letGo, readText } from "./body.ts";
import type { Egress } from "./egress.ts";
import { answerOfStatus } from "./http-status.ts";
import { SecretMissing, type Secrets } from "./secrets.ts";

/** How HTTP tools leave: by what rules, through what, and with which secrets. */
export interface HttpWay {
  readonly egress: Egress;
  /** Sends one request and follows nothing. An egress proxy's binding takes its place where names must not be trusted. */
  readonly send: (request: Request) => Promise<Response>;
  readonly secrets: Secrets;
}

const REDIRECTS_MAX = 5;
const DETAIL_BYTES_MAX = 4_096;
const DETAIL_LENGTH_MAX = 500;

/** Carries a call out by one HTTP exchange, redirects included. Reads at most `bytesMax` of the result. Never rejects. */
export async function callHttp(
  endpoint: HttpEndpoint,
  call: PreparedCall,
  way: HttpWay,
  bytesMax: number,
): Promise<Answer> {
  const first = firstHop(endpoint, call, way);
  if ("kind" in first) return first;
  try {
    return await walk(first, { endpoint, call, way, bytesMax });
  } catch (error) {
    return lost(
      call.tool,
      "unavailable",
      `The connection to the tool failed${error instanceof Error ? `: ${error.message}` : "."}`,
    );
  }
}

interface Exchange {
  readonly endpoint: HttpEndpoint;
  readonly call: PreparedCall;
  readonly way: HttpWay;
  readonly bytesMax: number;
}

/** One request of the way to an answer. */
interface Hop {
  readonly url: URL;
  readonly method: HttpEndpoint["method"];
  readonly headers: Headers;
  readonly body: string | null;
  /** An earlier hop has said that the work is done and where its result is (303). */
  readonly carriedOut: boolean;
}

/** Whatever goes wrong here, nothing was sent. */
function firstHop(endpoint: HttpEndpoint, call: PreparedCall, way: HttpWay): Hop | Answer {
  try {
    const url = new URL(endpoint.url);
    const refusal = way.egress.refusal(url, call.context.origin);
    if (refusal !== null)
      return unsent(call, "refused_by_policy", `The tool's address may not be reached. ${refusal}`);
    if (endpoint.method === "GET") addQuery(url, call.args);
    const body = endpoint.method === "GET" ? null : JSON.stringify(call.args);
    return { url, method: endpoint.method, headers: headersOf(endpoint, call, way), body, carriedOut: false };
  } catch (error) {
    if (error instanceof SecretMissing) return unsent(call, "unavailable", error.message);
    return unsent(call, "internal", "The request to the tool could not be made.");
  }
}

function addQuery(url: URL, args: Json): void {
  if (typeof args !== "object" || args === null) return;
  for (const [name, value] of Object.entries(args)) {
    url.searchParams.append(name, typeof value === "string" ? value : JSON.stringify(value));
  }
}

function headersOf(
  { method, secretHeaders }: HttpEndpoint,
  { context }: PreparedCall,
  { secrets }: HttpWay,
): Headers {
  const headers = new Headers({
    accept: "application/json",
    "idempotency-key": context.id,
    "x-countersign-task": context.task,
    "x-correlation-id": context.correlationId,
    traceparent: context.traceparent,
  });
  if (context.fences !== undefined) headers.set("x-countersign-fence", dictionary(context.fences));
  if (method !== "GET") headers.set("content-type", "application/json");
  for (const [name, secret] of Object.entries(secretHeaders ?? {})) headers.set(name, secrets.read(secret));
  return headers;
}

/** A dictionary of integers, as RFC 9651 writes it: `order=12, customer=3`. */
function dictionary(numbers: Readonly<Record<string, number>>): string {
  return Object.entries(numbers)
    .map(([name, number]) => `${name}=${number}`)
    .join(", ");
}

async function walk(first: Hop, exchange: Exchange): Promise<Answer> {
  let hop = first;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
    const response = await exchange.way.send(requestOf(hop, exchange.call.signal));
    if (!isRedirect(response)) return answerOf(response, hop, exchange);
    await letGo(response);
    const next = nextHop(response, hop, exchange);
    if ("kind" in next) return next;
    hop = next;
  }
  return redirectFault(hop, exchange.call, "The tool redirects without end.");
}

function requestOf({ url, method, headers, body }: Hop, signal: AbortSignal): Request {
  return new Request(url, { method, headers, body, signal, redirect: "manual" });
}

async function answerOf(response: Response, hop: Hop, { call, way, bytesMax }: Exchange): Promise<Answer> {
  if (!response.ok) {
    const answer = answerOfStatus(response, await detailOf(response, way), call);
    return hop.carriedOut && answer.kind === "failed"
      ? lost(call.tool, answer.error.code, answer.error.message)
      : answer;
  }
  const body = await readText(response, bytesMax);
  if (!body.ok) return { kind: "unreadable", reason: body.reason };
  // An answer without a body (204) is the value null; the output schema says whether that will do.
  return { kind: "answered", text: body.text === "" ? "null" : body.text };
}

/** What the tool wrote about its refusal, for a model to read: the start of the body, whatever its form. */
async function detailOf(response: Response, { secrets }: HttpWay): Promise<string> {
  try {
    const body = await readText(response, DETAIL_BYTES_MAX);
    return body.ok ? bounded(secrets.scrubText(body.text.trim()), DETAIL_LENGTH_MAX) : "";
  } catch {
    return "";
  }
}

function isRedirect({ status }: Response): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/**
 * Where a redirect leads. 307 and 308 pass the same request on; 303 says that the work is done and where to read of it; 301 and 302
 * of anything but GET may mean either, so they are followed for nobody's write.
 */
function nextHop(response: Response, hop: Hop, { endpoint, call, way }: Exchange): Hop | Answer {
  const location = response.headers.get("location") ?? "";
  if (!URL.canParse(location, hop.url)) return redirectFault(hop, call, "The tool redirects to nowhere.");
  const url = new URL(location, hop.url);
  const { status } = response;
  if (hop.method !== "GET" && (status === 301 || status === 302)) {
    return lost(
      call.tool,
      "unavailable",
      `The tool answered with status ${status}, which does not say whether the call was carried out.`,
    );
  }
  const next: Hop = {
    ...hop,
    url,
    headers: headersFor(url, hop, endpoint),
    ...(status === 303 ? asRead(hop) : {}),
  };
  const refusal = way.egress.refusal(url, call.context.origin);
  return refusal === null
    ? next
    : redirectFault(
        next,
        call,
        `The tool redirects to where calls may not go. ${refusal}`,
        "refused_by_policy",
      );
}

function asRead(hop: Hop): Pick<Hop, "method" | "body" | "carriedOut"> {
  return { method: "GET", body: null, carriedOut: hop.carriedOut || hop.method !== "GET" };
}

/** Credentials are for the host that they were bound to, and no other. */
function headersFor(url: URL, hop: Hop, endpoint: HttpEndpoint): Headers {
  const headers = new Headers(hop.headers);
  if (url.origin === hop.url.origin) return headers;
  for (const name of Object.keys(endpoint.secretHeaders ?? {})) headers.delete(name);
  return headers;
}

/** A redirect that is not followed: as long as no hop has said that the work is done, nobody was asked to do it. */
function redirectFault(
  hop: Hop,
  call: PreparedCall,
  message: string,
  code: "unavailable" | "refused_by_policy" = "unavailable",
): Answer {
  return hop.carriedOut ? lost(call.tool, code, message, { retryable: false }) : unsent(call, code, message);
}

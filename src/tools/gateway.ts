import type { Attempt, Finding } from "../contracts/outcome.ts";
import { validateJson } from "../json-schema.ts";
import type { ToolRequest } from "../contracts/call.ts";
import type { ArtifactStore, ToolGateway } from "../ports.ts";
import { untilAborted } from "../until-aborted.ts";
import { type Answer, type PreparedCall, failed, lost, unsent } from "./answer.ts";
import { type ReadBackAnswer, readBackBuiltin, runBuiltin } from "./builtin.ts";
import { Catalog } from "./catalog.ts";
import type { ToolDefinition } from "./definition.ts";
import type { Egress } from "./egress.ts";
import { type HttpWay, callHttp } from "./http.ts";
import { ARTIFACT_BYTES_MAX, RESULT_BYTES_MAX, type ResultRules, finalize } from "./result.ts";
import { Secrets } from "./secrets.ts";

export interface GatewayOptions {
  /** Every deployed definition; several versions of a tool may stand beside each other. */
  readonly tools: readonly ToolDefinition[];
  /** The Worker's bindings: what tools may use, and where secrets come from. */
  readonly env: Cloudflare.Env;
  /** The secrets among them, where others know them too. */
  readonly secrets?: Secrets;
  readonly egress: Egress;
  /** Sends one HTTP request without following redirects: `fetch`, or that of an egress proxy's binding. */
  readonly send?: (request: Request) => Promise<Response>;
  readonly resultBytesMax?: number;
}

/** What all calls through one gateway share. */
interface Workshop {
  readonly catalog: Catalog;
  readonly env: Cloudflare.Env;
  readonly secrets: Secrets;
  readonly way: HttpWay;
  readonly rules: ResultRules;
}

/** Made once an isolate, as catalogues and secrets take their time; each object then gets its own for no more than a closure. */
export function toolGateways(options: GatewayOptions): (artifacts: ArtifactStore) => ToolGateway {
  const {
    tools,
    env,
    egress,
    send = (request) => fetch(request),
    secrets = new Secrets(env),
    resultBytesMax = RESULT_BYTES_MAX,
  } = options;
  const way = { egress, send, secrets };
  const catalog = new Catalog(tools);
  return (artifacts) => {
    const shop: Workshop = { catalog, env, secrets, way, rules: { resultBytesMax, secrets, artifacts } };
    return {
      execute: (request, signal) => execute(shop, request, signal),
      readBack: (request, signal) => readBack(shop, request, signal),
    };
  };
}

/** prepare → execute → finalize. Every way out is a value. */
async function execute(shop: Workshop, request: ToolRequest, signal: AbortSignal): Promise<Attempt> {
  try {
    const answer =
      prepare(request, signal) ?? (await within(request, signal, (call) => carryOut(shop, call)));
    return await finalize(answer, { ...request, signal }, shop.rules);
  } catch {
    // Nothing is known to lead here; if something does, no claim is made about what the tool did.
    return lost(request.tool, "internal", "The tool gateway failed.");
  }
}

/** The gate has checked the arguments; what is sent is checked again, as they may have travelled since. */
function prepare(request: ToolRequest, signal: AbortSignal): Answer | null {
  const call = { ...request, signal };
  if (signal.aborted) return unsent(call, "canceled", "The call was canceled before it left.");
  const [issue] = validateJson(request.tool.inputSchema, request.args);
  if (issue === undefined) return null;
  return failed(
    "invalid_input",
    `The arguments do not fit the tool's input schema. ${issue.path || "/"}: ${issue.message}`,
  );
}

async function within<T extends ReadBackAnswer>(
  { tool, args, context }: ToolRequest,
  signal: AbortSignal,
  work: (call: PreparedCall) => Promise<T>,
): Promise<T | Answer> {
  const ended = await untilAborted(signal, () => work({ tool, args, context, signal }));
  switch (ended.by) {
    case "itself":
      return ended.value;
    case "deadline":
      return lost(tool, "timeout", `The tool did not answer within ${tool.timeoutMs} ms.`);
    case "caller":
      return lost(tool, "canceled", "The call was canceled while it was under way.", { retryable: false });
  }
}

function carryOut(shop: Workshop, call: PreparedCall): Promise<Answer> {
  const { executor } = call.tool;
  switch (executor.kind) {
    case "builtin":
      return runBuiltin(shop.catalog.find(call.tool), call, shop);
    case "http":
      return callHttp(executor.endpoint, call, shop.way, ARTIFACT_BYTES_MAX);
    case "agent":
      return Promise.resolve(unsent(call, "internal", "This call is for a child task, and not for a tool."));
  }
}

async function readBack(shop: Workshop, request: ToolRequest, signal: AbortSignal): Promise<Finding> {
  // Reading back is a read: whatever goes wrong with it, it can be made again.
  const asRead: ToolRequest = { ...request, tool: { ...request.tool, effect: "read" } };
  try {
    const answer = await within(asRead, signal, (call) => lookBack(shop, request, call));
    if (answer.kind === "absent") return answer;
    const found = await finalize(answer, { ...asRead, signal }, shop.rules);
    return found.kind === "done"
      ? { kind: "happened", output: found.output }
      : { kind: "untold", error: found.error };
  } catch {
    return { kind: "untold", error: failed("internal", "The tool gateway failed.").error };
  }
}

/** A `not_found` of the place where a call is read back says that the call never took effect. */
async function lookBack(shop: Workshop, { tool }: ToolRequest, call: PreparedCall): Promise<ReadBackAnswer> {
  const { executor } = tool;
  if (executor.kind === "builtin") return readBackBuiltin(shop.catalog.find(tool), call, shop);
  if (executor.kind === "agent" || executor.readBack === undefined)
    return failed("unavailable", "The tool declares no way to read a call back.");
  const answer = await callHttp(executor.readBack, call, shop.way, ARTIFACT_BYTES_MAX);
  return answer.kind === "failed" && answer.error.code === "not_found" ? { kind: "absent" } : answer;
}

import { z } from "zod";
import { JsonObject } from "../contracts/json.ts";
import type { RetryPolicy } from "../contracts/retry.ts";
import {
  type Category,
  type HttpEndpoint,
  type Mode,
  type ToolExecutorRef,
  ToolManifest,
} from "../contracts/tool.ts";
import { canonicalJson, sha256 } from "../hash.ts";
import { schemaFault } from "../json-schema.ts";
import type { ToolDefinition } from "./definition.ts";
import { addressFault } from "./egress.ts";
import { type AnyTool, DefinitionError } from "./terms.ts";

const DIALECT = "https://json-schema.org/draft/2020-12/schema";
const TIMEOUT_MS = 10_000;
const RETRY: RetryPolicy = { attemptsMax: 4, delayMsFirst: 250, delayMsMax: 15_000 };
export const APPROVAL_TERMS = { assurance: "link", ttlMs: 86_400_000 } as const;
const HUMAN_BY_DEFAULT: readonly Category[] = ["delete", "money", "external", "identity", "permission"];
/** Headers that the gateway writes itself, or that belong to the connection. */
const RESERVED_HEADER =
  /^(idempotency-key|x-countersign-.*|x-correlation-id|traceparent|tracestate|content-.*|accept|host|connection|transfer-encoding)$/i;

/** The contract of a tool, with its version, and what it asks of an approver whom its agent is still to name. */
export function contractOf(tool: AnyTool): Pick<ToolDefinition, "manifest" | "approvalTerms"> {
  checkRecovery(tool);
  const mode = tool.mode ?? defaultMode(tool);
  const { approver, ...approvalTerms } = { ...APPROVAL_TERMS, ...tool.approval };
  const rest = {
    name: tool.name,
    description: tool.description,
    inputSchema: inputSchemaOf(tool),
    outputSchema: jsonSchemaOf(tool, "output"),
    effect: tool.effect,
    mode,
    categories: tool.categories ?? [],
    ...(tool.recovery === undefined ? {} : { recovery: tool.recovery }),
    ...(approver === undefined ? {} : { approval: { ...approvalTerms, approver } }),
    timeoutMs: tool.timeoutMs ?? TIMEOUT_MS,
    retry: tool.retry ?? RETRY,
    executor: executorOf(tool),
    ...(tool.concurrency === undefined ? {} : { concurrency: tool.concurrency }),
    ...(tool.exclusive === undefined ? {} : { exclusive: tool.exclusive }),
  };
  if (mode === "auto" || approver !== undefined) return { manifest: pinnedTool(rest) };
  // Everything else about it is checked now, as if the approver were named.
  pinnedTool({ ...rest, approval: { ...approvalTerms, approver: "to be named" } });
  return { manifest: { ...rest, version: versionOf(rest) }, approvalTerms };
}

/** The same tool as an agent pins it: with the agent's approver where it names none. */
export function withApprover(tool: ToolDefinition, approver: string | undefined): ToolDefinition {
  const { manifest, approvalTerms, ...code } = tool;
  if (approvalTerms === undefined || (approver === undefined && manifest.mode !== "human")) return tool;
  if (approver === undefined)
    throw new DefinitionError(
      `The tool ${manifest.name} is for a human to approve, and neither it nor its agent names one.`,
    );
  return { ...code, manifest: pinnedTool({ ...manifest, approval: { ...approvalTerms, approver } }) };
}

/** SHA-256 of the RFC 8785 JSON of all but the version itself. */
export function versionOf(manifest: object): string {
  return sha256(canonicalJson({ ...manifest, version: undefined }));
}

function pinnedTool(manifest: Omit<ToolManifest, "version">): ToolManifest {
  const parsed = ToolManifest.safeParse({ ...manifest, version: versionOf(manifest) });
  if (!parsed.success) throw fault(manifest, z.prettifyError(parsed.error));
  return parsed.data;
}

function defaultMode({ categories = [] }: AnyTool): Mode {
  return categories.some((category) => HUMAN_BY_DEFAULT.includes(category)) ? "human" : "auto";
}

/** E2. That a write has a recovery is the contract's own rule; that it can be followed is asked here. */
function checkRecovery(tool: AnyTool): void {
  // A child's own object says how the child is.
  if (tool.recovery === "read" && tool.readBack === undefined && tool.executor === undefined)
    throw fault(tool, "recovery by read needs readBack.");
  if (tool.recovery !== "read" && tool.readBack !== undefined)
    throw fault(tool, "readBack is asked only with recovery by read.");
}

function inputSchemaOf(tool: AnyTool): JsonObject {
  const schema = jsonSchemaOf(tool, "input");
  if (schema["type"] !== "object")
    throw fault(tool, "the input is an object, as models give named arguments.");
  return schema;
}

function jsonSchemaOf(tool: AnyTool, io: "input" | "output"): JsonObject {
  const given = tool[io];
  const { $schema, ...schema } =
    given instanceof z.ZodType ? expressed(tool, given, io) : JsonObject.parse(given);
  if ($schema !== undefined && $schema !== DIALECT)
    throw fault(tool, `the ${io} schema is written in ${JSON.stringify($schema)}, not in ${DIALECT}.`);
  const wrong = schemaFault(schema);
  if (wrong !== null) throw fault(tool, `the ${io} schema cannot be applied: ${wrong}`);
  return schema;
}

function expressed(tool: AnyTool, schema: z.ZodType, io: "input" | "output"): JsonObject {
  try {
    return JsonObject.parse(JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io }))));
  } catch (error) {
    throw fault(tool, `the ${io} schema has no JSON Schema: ${error instanceof Error ? error.message : ""}`);
  }
}

function executorOf(tool: AnyTool): ToolExecutorRef {
  if (tool.executor !== undefined) return tool.executor;
  if (tool.http === undefined) return { kind: "builtin" };
  if (tool.http.method === "GET" && tool.effect !== "read") throw fault(tool, "a write is not made by GET.");
  checkEndpoint(tool, tool.http);
  if (typeof tool.readBack !== "object") return { kind: "http", endpoint: tool.http };
  checkEndpoint(tool, tool.readBack);
  return { kind: "http", endpoint: tool.http, readBack: tool.readBack };
}

/** Loopback passes here, for development and tests; whether it is open is the egress rules' to say, at every call. */
function checkEndpoint(tool: AnyTool, { url, secretHeaders = {} }: HttpEndpoint): void {
  if (!URL.canParse(url)) throw fault(tool, `${url} is not a URL.`);
  const wrong = addressFault(new URL(url));
  if (wrong !== null) throw fault(tool, `${url} cannot be called. ${wrong}`);
  for (const name of Object.keys(secretHeaders)) {
    if (RESERVED_HEADER.test(name) || !/^[\w!#$%&'*+.^`|~-]+$/.test(name))
      throw fault(tool, `the header ${name} is not for secrets.`);
  }
}

function fault({ name }: { readonly name: string }, message: string): DefinitionError {
  return new DefinitionError(`Tool ${name}: ${message}`);
}

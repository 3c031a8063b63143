import { type Answer, type PreparedCall, failed, lost, unsent } from "./answer.ts";
import {
  type ReadBack,
  type ToolCall,
  type ToolDefinition,
  ToolError,
  UnreadableResult,
} from "./definition.ts";
import { SecretMissing, type Secrets } from "./secrets.ts";

/** What the code of a tool gets beside its call. */
export interface Surroundings {
  readonly env: Cloudflare.Env;
  readonly secrets: Secrets;
}

/** Carries a call out by the tool's own code. Never rejects. */
export async function runBuiltin(
  definition: ToolDefinition | null,
  call: PreparedCall,
  around: Surroundings,
): Promise<Answer> {
  if (definition?.run === undefined) return notDeployed(call);
  try {
    return asText(await definition.run(call.args, toolCall(call, around)));
  } catch (error) {
    return thrown(error, call);
  }
}

export type ReadBackAnswer = Answer | { readonly kind: "absent" };

/** Asks the tool's own code whether an earlier attempt took effect. Never rejects. */
export async function readBackBuiltin(
  definition: ToolDefinition | null,
  call: PreparedCall,
  around: Surroundings,
): Promise<ReadBackAnswer> {
  if (definition?.readBack === undefined) return notDeployed(call);
  try {
    const found: ReadBack<unknown> = await definition.readBack(call.args, toolCall(call, around));
    return found.happened ? asText(found.output) : { kind: "absent" };
  } catch (error) {
    return thrown(error, call);
  }
}

/** What has no JSON (nothing, cycles, big integers) was still given back by a tool that has done its work. */
function asText(output: unknown): Answer {
  try {
    const text: string | undefined = JSON.stringify(output);
    return text === undefined
      ? { kind: "unreadable", reason: "The tool gave nothing back." }
      : { kind: "answered", text };
  } catch {
    return { kind: "unreadable", reason: "What the tool gave back has no JSON." };
  }
}

function toolCall({ context, signal }: PreparedCall, { env, secrets }: Surroundings): ToolCall {
  return { ...context, signal, env, secret: (name) => secrets.read(name) };
}

function notDeployed(call: PreparedCall): Answer {
  return unsent(
    call,
    "unavailable",
    `The code of the tool ${call.tool.name} in this version is not deployed.`,
  );
}

/** A `ToolError` is the tool's own word that nothing happened. Of any other error only this is sure: no result came. */
function thrown(error: unknown, call: PreparedCall): Answer {
  if (error instanceof ToolError) return failed(error.code, error.message, error);
  if (error instanceof UnreadableResult) return { kind: "unreadable", reason: error.message };
  if (error instanceof SecretMissing) return unsent(call, "unavailable", error.message);
  return lost(
    call.tool,
    "internal",
    `The tool failed: ${error instanceof Error ? error.message : "it threw no error."}`,
  );
}

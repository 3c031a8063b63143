import type { Json } from "./json.ts";
import type { ToolManifest } from "./tool.ts";

/** Everything a tool is told beside its arguments. `id` is the idempotency key: the same for every attempt of one call. */
export interface CallContext {
  readonly id: string;
  readonly attempt: number;
  /** E2. An earlier attempt of a write may have taken effect: what turns this one away says nothing of that one. */
  readonly inDoubt: boolean;
  readonly task: string;
  readonly tenant: string;
  readonly principal: string;
  readonly correlationId: string;
  readonly traceparent: string;
  /** The agent on whose behalf it is made. */
  readonly agent: string;
  /** Of each resource that the call has to itself: its fence. Whoever has seen a higher one refuses this call. */
  readonly fences?: Readonly<Record<string, number>>;
  /** Where the Worker itself was reached for this task: never by a tool. */
  readonly origin?: string;
}

export interface ToolRequest {
  readonly tool: ToolManifest;
  readonly args: Json;
  readonly context: CallContext;
  /** How often in a row a guard had no place for it; absent: never. */
  readonly turnedAway?: number;
}

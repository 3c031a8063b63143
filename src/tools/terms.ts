import type { z } from "zod";
import type { JsonObject } from "../contracts/json.ts";
import type { RetryPolicy } from "../contracts/retry.ts";
import type {
  ApprovalRule,
  Category,
  Effect,
  Exclusive,
  HttpEndpoint,
  Mode,
  Recovery,
  ToolExecutorRef,
} from "../contracts/tool.ts";
import type { ReadBack, ToolCall } from "./definition.ts";

/** What an operator says of a tool, however it is carried out. */
export interface ToolTerms {
  readonly name: string;
  readonly description: string;
  readonly effect: Effect;
  /**
   * Without it, a tool is `human` when it deletes, moves money, reaches outsiders, or touches identities or permissions, else
   * `auto`. Given, it stands, also where it is lower: it is the operator's own word, in code that the operator reviews.
   */
  readonly mode?: Mode;
  readonly categories?: readonly Category[];
  /** How an unknown outcome of a write is resolved (E2). Every write says so. */
  readonly recovery?: Recovery;
  /** Who is asked before a `human` call: the agent's approver, by link and for 24 hours, where it says nothing else. */
  readonly approval?: Partial<ApprovalRule>;
  /** 10 s where it says nothing else. */
  readonly timeoutMs?: number;
  readonly retry?: RetryPolicy;
  /** How many of its calls may be out at a time, over all tasks. */
  readonly concurrency?: number;
  /** What only one call at a time may touch, within a tenant. The call is given a fence for each, which only grows. */
  readonly exclusive?: readonly Exclusive[];
}

/** A tool that is code in this Worker. Its schemas are synchronous zod schemas that JSON Schema can express. */
export interface CodeTool<
  I extends z.ZodType,
  O extends z.ZodType,
  E extends Cloudflare.Env,
> extends ToolTerms {
  readonly input: I;
  readonly output: O;
  readonly run: (args: z.output<I>, call: ToolCall<E>) => Promise<z.input<O>>;
  /** With recovery `read`: whether an earlier attempt of this call took effect. */
  readonly readBack?: (args: z.output<I>, call: ToolCall<E>) => Promise<ReadBack<z.input<O>>>;
  readonly http?: never;
}

/** A tool that is an HTTP endpoint which the operator listed. Its schemas are zod schemas or JSON Schemas. */
export interface HttpTool extends ToolTerms {
  readonly input: z.ZodType | JsonObject;
  readonly output: z.ZodType | JsonObject;
  readonly http: HttpEndpoint;
  /** With recovery `read`: where to ask for the call of an `Idempotency-Key`. 2xx with its output, or 404: it never took effect. */
  readonly readBack?: HttpEndpoint;
  readonly run?: never;
}

/** What the contract is made of, whoever carries it out: code, an endpoint, or an executor that is named as such. */
export interface AnyTool extends ToolTerms {
  readonly input: z.ZodType | JsonObject;
  readonly output: z.ZodType | JsonObject;
  readonly http?: HttpEndpoint;
  readonly executor?: Extract<ToolExecutorRef, { kind: "agent" }>;
  readonly readBack?: HttpEndpoint | ((...given: never[]) => unknown);
}

/** A mistake in a definition: thrown while the Worker starts, never while a task runs. */
export class DefinitionError extends Error {
  override readonly name = "DefinitionError";
}

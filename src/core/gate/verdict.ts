import type { Dimension } from "../../contracts/budget.ts";
import type { ErrorCode, ErrorEnvelope } from "../../contracts/outcome.ts";

/** The stages of the gate, in the order in which they run. */
export const STAGES = ["known", "schema", "permission", "delegation", "budget", "loops", "approval"] as const;
export type StageName = (typeof STAGES)[number];

/** What one stage says of a proposal. */
export type Finding =
  | { readonly result: "pass" }
  | { readonly result: "refuse"; readonly error: ErrorEnvelope }
  | { readonly result: "ask"; readonly about: Ask };

/** What a human must be asked before the call may leave. */
export type Ask = { readonly kind: "call" } | { readonly kind: "budget"; readonly dimension: Dimension };

/**
 * What the gate said of a proposal, with a coded finding for every stage that ran: `ok`, an error code, or what is asked.
 * A refusal ends the gate at its stage; asking does not, so that nothing is asked that would be refused anyway.
 */
export interface Verdict {
  readonly decision: "allow" | "ask" | "refuse";
  readonly findings: readonly CodedFinding[];
  readonly error?: ErrorEnvelope;
  readonly ask?: Ask;
}

export interface CodedFinding {
  readonly stage: StageName;
  readonly code: "ok" | "ask_call" | "ask_budget" | ErrorCode;
}

export const PASS: Finding = { result: "pass" };

export function refuse(
  code: ErrorCode,
  message: string,
  retryable = false,
): Extract<Finding, { result: "refuse" }> {
  return { result: "refuse", error: { code, message, retryable } };
}

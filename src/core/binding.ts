import type { Approval } from "../contracts/approval.ts";
import type { Json } from "../contracts/json.ts";
import type { NewTask } from "../contracts/task.ts";
import type { CoreFunctions } from "./functions.ts";

/** A1. Names all that an approval was opened for; any difference is another question. */
export function bindingOf(
  approval: Pick<Approval, "id" | "question" | "approver" | "assurance" | "expiresAtMs">,
  fns: CoreFunctions,
): string {
  const { id, question, approver, assurance, expiresAtMs } = approval;
  return fns.sha256(
    `countersign.approval.v1\n${fns.canonical({ id, question, required: { approver, assurance }, expiresAtMs })}`,
  );
}

export interface ProposalName {
  readonly turn: number;
  readonly index: number;
  readonly tool: string;
  readonly toolVersion: string;
  readonly args: Json;
}

/** Names this occurrence of a proposal: whose, in which task, by which agent, where in it, and what exactly is asked. */
export function proposalHashOf(order: NewTask, proposal: ProposalName, fns: CoreFunctions): string {
  const { tenant, task, principal, agent } = order;
  return fns.sha256(
    `countersign.proposal.v1\n${fns.canonical({ tenant, task, principal, agentVersion: agent.version, ...proposal })}`,
  );
}

/** The same for every proposal of the same call, whenever it is made: for loops and reuse only. */
export function argsDigestOf(
  proposal: Pick<ProposalName, "tool" | "toolVersion" | "args">,
  fns: CoreFunctions,
): string {
  const { tool, toolVersion, args } = proposal;
  return fns.sha256(`countersign.args.v1\n${fns.canonical({ tool, toolVersion, args })}`);
}

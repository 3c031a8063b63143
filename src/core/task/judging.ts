import type { Rights } from "../../contracts/access.ts";
import { Delegation } from "../../contracts/delegation.ts";
import type { ErrorEnvelope } from "../../contracts/outcome.ts";
import type { ToolManifest } from "../../contracts/tool.ts";
import { childSize, grantOf, memberOf } from "../delegation.ts";
import type { GateContext, GateRights } from "../gate/context.ts";
import { judge } from "../gate/gate.ts";
import type { Ask } from "../gate/verdict.ts";
import type { Recruiting } from "../gate/delegation-stage.ts";
import { placeCall } from "../placement.ts";
import { ask, askForBudget } from "./asking.ts";
import type { TaskRefusal } from "./refusal.ts";
import type { Draft } from "./draft.ts";
import { fail } from "./ending.ts";
import { closeJoins } from "./joining.ts";
import { spareResults } from "./reuse.ts";
import { type Call, type TaskState, elapsedMs, isSettled, openCalls } from "./state.ts";
import { RESEND_MS, intendModelCall } from "./model-call.ts";

/** P1. The rights of now are in: every call that waits for the gate goes through it. */
export function judgeReady(draft: Draft, rights: Rights): TaskRefusal | null {
  if (draft.state.phase.kind !== "acting") return null;
  noteAuthority(draft, rights.authorityActive);
  judgeCalls(draft, rights);
  advance(draft);
  return null;
}

/** The state has what the command brought of the task's key from its first event on; this makes a change one. */
export function noteAuthority(draft: Draft, authorityActive: boolean): void {
  if (authorityActive !== draft.state.authority.active)
    draft.emit({ type: "rightsChanged", authorityActive });
}

/** Puts every ready call before the gate, then intends those that may leave, each where it is to run. */
export function judgeCalls(draft: Draft, rights: GateRights): void {
  const ready = openCalls(draft.state).filter(({ progress }) => progress.at === "ready");
  const { agent } = draft.state.order;
  for (const call of ready) {
    if (draft.state.phase.kind !== "acting") return;
    if (reused(draft, call) || judgeCall(draft, call, rights) === null) continue;
    const grant = recruitingOf(draft, call, toolOf(draft.state, call.tool))?.grant ?? null;
    const placement =
      grant === null ? placeCall(agent, draft.state.toolLatencyMs[call.tool], ready.length) : "queued";
    draft.emit({
      type: "callIntended",
      call: call.id,
      attempt: call.attempt + 1,
      placement,
      resendAtMs: draft.nowMs + RESEND_MS,
      ...(grant !== null && call.grant === null && { grant }),
    });
  }
}

/** One run of the gate over one call: the tool that it may be made of now, or null. A refusal settles it; a question holds it. */
export function judgeCall(draft: Draft, call: Call, rights: GateRights): ToolManifest | null {
  const tool = toolOf(draft.state, call.tool);
  const verdict = judge(contextOf(draft, call, { tool, rights }));
  draft.emit({ type: "callJudged", call: call.id, verdict });
  if (verdict.error !== undefined) {
    giveUp(draft, call, verdict.error);
    if (verdict.findings.at(-1)?.stage === "budget") failForBudget(draft);
  }
  if (verdict.ask !== undefined && tool !== null) hold(draft, call, verdict.ask, tool);
  return verdict.decision === "allow" ? tool : null;
}

/** Ends a call by the runtime's own word. Of a write that may have happened it can only say that nobody knows (E2). */
export function giveUp(draft: Draft, call: Call, error: ErrorEnvelope): void {
  const told = mayHaveHappened(call, toolOf(draft.state, call.tool)) ? UNKNOWN : error;
  const outcome = { ok: false, error: told } as const;
  draft.emit({ type: "callSettled", call: call.id, attempt: call.attempt, outcome, late: false });
}

const UNKNOWN: ErrorEnvelope = {
  code: "outcome_unknown",
  message: "Nobody knows whether this call took effect, and it will not be sent again.",
  retryable: false,
};

/** Joins close as soon as they can. When every call of a turn is settled, the turn ends; then the next one begins, unless the task is held between turns. */
export function advance(draft: Draft): void {
  closeJoins(draft);
  const { phase } = draft.state;
  if (phase.kind === "acting" && phase.open.calls.every(isSettled))
    draft.emit({ type: "turnEnded", turn: phase.open.n });
  if (draft.state.phase.kind === "resting" && !draft.state.paused) intendModelCall(draft);
}

/** E2. Whether the outside may have changed by this call already. */
function mayHaveHappened(call: Call, tool: ToolManifest | null): boolean {
  return call.inDoubt && tool?.effect !== "read";
}

export function toolOf(state: TaskState, name: string): ToolManifest | null {
  return state.order.agent.tools.find((tool) => tool.name === name) ?? null;
}

function contextOf(
  draft: Draft,
  call: Call,
  of: { tool: ToolManifest | null; rights: GateRights },
): GateContext {
  const { order, budget, turns, approvals } = draft.state;
  const settled = [...turns.flatMap((turn) => turn.calls), ...openCalls(draft.state)].filter(isSettled);
  const approval = approvals.find(({ id }) => id === call.approvedBy) ?? null;
  const elapsed = elapsedMs(draft.state, draft.nowMs);
  const recruiting = recruitingOf(draft, call, of.tool);
  return { order, call, budget, elapsedMs: elapsed, recruiting, settled, approval, fns: draft.fns, ...of };
}

/** What a delegation asks for, as of now; a grant that was made once stands. */
function recruitingOf({ state, nowMs }: Draft, call: Call, tool: ToolManifest | null): Recruiting | null {
  if (tool?.executor.kind !== "agent") return null;
  const asked = Delegation.safeParse(call.args).data;
  if (asked === undefined) return null;
  const member = memberOf(state.order, tool);
  const grant = call.grant ?? (member && grantOf(state, member, asked, nowMs));
  const siblings = openCalls(state).filter(({ id, grant: given }) => id !== call.id && given !== null).length;
  const size = member && grant ? childSize(state, { ...call, grant }, member) : NO_SIZE;
  return { member, asked, grant, size, siblings };
}

const NO_SIZE = { inputBytes: 0, orderBytes: 0 };

function hold(draft: Draft, call: Call, about: Ask, tool: ToolManifest): void {
  const approval =
    about.kind === "budget" ? askForBudget(draft, about.dimension, 1) : askForCall(draft, call, tool);
  draft.emit({ type: "callHeld", call: call.id, approval, about: about.kind });
}

function askForCall(draft: Draft, call: Call, tool: ToolManifest): string {
  const { id, args, proposalHash } = call;
  return ask(
    draft,
    {
      kind: mayHaveHappened(call, tool) ? "resend" : "call",
      callId: id,
      tool: call.tool,
      args,
      proposalHash,
    },
    tool.approval ?? draft.state.order.agent.escalation,
  );
}

function failForBudget(draft: Draft): void {
  const { budget } = draft.state;
  draft.emit({
    type: "limitReached",
    dimension: "toolCalls",
    limit: budget.limit.toolCalls,
    needed: 1,
    reaction: "fail",
  });
  fail(draft, "budget_exhausted", "The task's limit of toolCalls is reached.");
}

/** E1. After a resume, the same call proposed again answers with what is recorded. */
function reused(draft: Draft, call: Call): boolean {
  if (call.attempt > 0) return false;
  const earlier = spareResults(draft.state).find(({ argsDigest }) => argsDigest === call.argsDigest);
  if (earlier === undefined) return false;
  draft.emit({
    type: "callSettled",
    call: call.id,
    attempt: 0,
    outcome: earlier.progress.outcome,
    reusedFrom: earlier.id,
    late: false,
  });
  return true;
}

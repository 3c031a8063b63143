import type { WaitsFor } from "../../src/contracts/allowance.ts";
import type { Approval, Question } from "../../src/contracts/approval.ts";
import type { Json } from "../../src/contracts/json.ts";
import type { ModelReply } from "../../src/contracts/model.ts";
import type { Outcome } from "../../src/contracts/outcome.ts";
import type { Verdict } from "../../src/core/gate/verdict.ts";
import type { JoinReport } from "../../src/core/join-report.ts";
import type { CallSettlement, Command } from "../../src/core/task/command.ts";
import type { CallEvent } from "../../src/core/task/event.ts";
import { outcomeOf } from "../../src/core/task/outcome-of.ts";
import { duration } from "./layout.ts";

export function argsText(args: Json): string {
  return JSON.stringify(args);
}

/** What the model said beside its proposals. What it ends with is the task's answer, and told as such. */
export function modelText(reply: ModelReply): string {
  if (reply.stop === "failed" || reply.stop === "end") return "";
  return reply.parts
    .flatMap((part) => (part.type === "text" || part.type === "refusal" ? [part.text] : []))
    .join("\n");
}

export function verdictText(verdict: Verdict, again: boolean): string {
  const suffix = again ? ", judged again with the rights of now" : "";
  switch (verdict.decision) {
    case "allow":
      return `allow${suffix}`;
    case "refuse":
      return `refuse: ${verdict.error?.code ?? ""}: ${verdict.error?.message ?? ""}${suffix}`;
    case "ask": {
      const asking = verdict.findings.filter(({ code }) => code.startsWith("ask_")).map(({ stage }) => stage);
      return `ask: a human must decide (${asking.join(", ")})${suffix}`;
    }
  }
}

export function questionText({ question, approver, expiresAtMs }: Approval): string {
  const until = `${new Date(expiresAtMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return `${subjectOf(question)} waits for ${approver}, until ${until}`;
}

/** How a call ended, from where the event says that it is written. */
export function outcomeText(
  event: Extract<CallEvent, { type: "callSettled" }>,
  command: Command,
): { readonly text: string; readonly ok: boolean } {
  const settlement = settlementOf(event, command);
  const outcome = event.outcome ?? (settlement === null ? readBackOf(command) : outcomeOf(settlement.result));
  const took = settlement === null ? "" : ` in ${duration(settlement.latencyMs)}`;
  const late = event.late ? ", after the task had ended" : "";
  const reused = event.reusedFrom === undefined ? "" : ", as recorded earlier";
  return { ok: outcome?.ok === true, text: `${took}${late}${reused}: ${resultText(outcome)}` };
}

function settlementOf(
  { settlement }: Extract<CallEvent, { type: "callSettled" }>,
  command: Command,
): CallSettlement | null {
  if (settlement === undefined || command.type !== "callsSettled") return null;
  return command.settlements[settlement] ?? null;
}

function readBackOf(command: Command): Outcome | null {
  return command.type === "readBackEnded" && command.finding.kind === "happened"
    ? { ok: true, output: command.finding.output }
    : null;
}

function resultText(outcome: Outcome | null): string {
  if (outcome === null) return "no result";
  if (!outcome.ok) return `${outcome.error.code}: ${outcome.error.message}`;
  return JSON.stringify(outcome.output);
}

/** What a join brought, what it had to do without, and on what its parts disagree. */
export function joinText({ join, satisfied, joined, conflicts }: JoinReport): string {
  const missing = joined.flatMap(({ tool, why }) => (why === undefined ? [] : [`${tool} (${why})`]));
  return [
    `${join} ${satisfied ? "has what it waits for" : "cannot be satisfied"}`,
    ...(missing.length > 0 ? [`without ${missing.join(", ")}`] : []),
    ...(conflicts.length > 0 ? [`in conflict on ${conflicts.map(({ field }) => field).join(", ")}`] : []),
  ].join("; ");
}

/** What a task cannot begin, or go on, without. */
export function waitsText(why: WaitsFor): string {
  if (why.kind === "capacity") return "for a place among the tasks at work";
  const { account, dimension, period, shared } = why;
  return shared
    ? `for what other tasks hold of the ${account}'s ${dimension} of the ${period}`
    : `the ${account}'s ${dimension} of the ${period} are used up`;
}

function subjectOf(question: Question): string {
  switch (question.kind) {
    case "call":
      return question.tool;
    case "budget":
      return `raising the limit of ${question.dimension} from ${question.limit} to ${question.proposed}`;
    case "funds":
      return `raising the ${question.account}'s ${question.dimension} of the ${question.period} from ${question.ceiling} to ${question.raiseTo}`;
    case "handOff":
      return `going on with turn ${question.turn}, which failed: ${question.handOff.detail}`;
    case "join":
      return `going on with what the join ${question.join} brought`;
    case "resend":
      return `nobody knows whether ${question.tool} took effect: sending it again`;
  }
}

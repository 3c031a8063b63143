import type { CallMessage } from "../src/contracts/queue.ts";
import type { ModelAnswer } from "../src/contracts/model.ts";
import type { Command, ModelReplied, ModelSubmitted } from "../src/core/task/command.ts";
import { modelOf } from "../src/core/task/model-call.ts";
import type { CoreFunctions } from "../src/core/functions.ts";
import { type Call, type TaskState, openCalls } from "../src/core/task/state.ts";
import { utf8Bytes } from "../src/core/text.ts";
import type { ClaimedEffect, Settlement } from "../src/ports.ts";
import { childOf, modelRequest, toolRequest } from "./requests.ts";

/** Settlements of one commit together stay far below what a row takes. */
const SETTLED_BYTES_MAX = 1_000_000;

/** What a claim let through: it is claimed now, and was not before. `streamed`: someone reads along. */
export function claimedEffects(
  before: TaskState,
  state: TaskState,
  of: { claims: CallMessage["claims"]; streamed: boolean; fns: CoreFunctions },
): readonly ClaimedEffect[] {
  const { claims, streamed, fns } = of;
  // E2. A message that came twice, or again behind a newer one, names a call twice: it is handed out once.
  const ids = [...new Set(claims.map(({ id }) => id))];
  return ids.flatMap((id): readonly ClaimedEffect[] => {
    if (leaseOf(before, id) !== null) return [];
    const leaseUntilMs = leaseOf(state, id);
    if (leaseUntilMs === null) return [];
    const call = openCalls(state).find((candidate) => candidate.id === id);
    if (call !== undefined && call.grant !== null) return childToMake(state, call, { leaseUntilMs, fns });
    if (call !== undefined)
      return [
        {
          kind: "tool",
          id,
          attempt: call.attempt,
          leaseUntilMs,
          streamed,
          request: toolRequest(state, call),
        },
      ];
    const model = modelOf(state);
    if (model === null) return [];
    const request = modelRequest(state, model);
    const { attempt } = model;
    const isStreamed = streamed && request.model.streamed !== false;
    return [{ kind: "model", id, attempt, leaseUntilMs, streamed: isStreamed, request }];
  });
}

function childToMake(
  state: TaskState,
  call: Call,
  { leaseUntilMs, fns }: { leaseUntilMs: number; fns: CoreFunctions },
): readonly ClaimedEffect[] {
  const order = childOf(state, call, fns);
  const { id, attempt } = call;
  return order === null ? [] : [{ kind: "child", id, attempt, leaseUntilMs, order }];
}

/** Results of calls share a commit as far as its row takes them; a model's reply has its own. */
export function settlementCommands(settlements: readonly Settlement[]): readonly Command[] {
  const commands: Command[] = [];
  let open: Extract<Command, { type: "callsSettled" }>["settlements"][number][] = [];
  let bytes = 0;
  for (const settlement of settlements) {
    const { id: call, attempt, latencyMs } = settlement;
    if (settlement.kind === "model") {
      commands.push(answered({ call, attempt, latencyMs }, settlement.reply));
      continue;
    }
    const size = utf8Bytes(JSON.stringify(settlement.result));
    if (open.length === 0 || bytes + size > SETTLED_BYTES_MAX) {
      open = [];
      bytes = 0;
      commands.push({ type: "callsSettled", settlements: open });
    }
    open.push({ call, attempt, result: settlement.result, latencyMs });
    bytes += size;
  }
  return commands;
}

/** What a model's answer is to the task that asked. */
export function answered(
  {
    call,
    attempt,
    latencyMs,
  }: { readonly call: string; readonly attempt: number; readonly latencyMs: number },
  answer: ModelAnswer,
): ModelReplied | ModelSubmitted {
  return answer.stop === "submitted"
    ? { type: "modelSubmitted", call, attempt, response: answer.response }
    : { type: "modelReplied", call, attempt, reply: answer, latencyMs };
}

/** What nobody could take was not carried out; of earlier attempts that says nothing (E2). */
export function givenUp(state: TaskState, claims: CallMessage["claims"]): readonly Command[] {
  return claims.flatMap(({ id, attempt }): readonly Command[] => {
    const model = modelOf(state);
    if (model?.id === id && model.progress.at === "intended") {
      const failure = { code: "unavailable", message: UNTAKEN, retryable: true } as const;
      return [{ type: "modelReplied", call: id, attempt, reply: { stop: "failed", failure }, latencyMs: 0 }];
    }
    const call = openCalls(state).find((candidate) => candidate.id === id);
    if (call?.progress.at !== "intended") return [];
    const error = { code: "unavailable", message: UNTAKEN, retryable: true } as const;
    const result = { kind: call.inDoubt ? "unknown" : "failed", error } as const;
    return [{ type: "callsSettled", settlements: [{ call: id, attempt, result, latencyMs: 0 }] }];
  });
}

const UNTAKEN = "No queue consumer could take the call.";

function leaseOf(state: TaskState, id: string): number | null {
  const model = modelOf(state);
  const progress =
    model?.id === id ? model.progress : openCalls(state).find((call) => call.id === id)?.progress;
  return progress?.at === "claimed" ? progress.leaseUntilMs : null;
}

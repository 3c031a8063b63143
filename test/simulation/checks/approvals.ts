import type { Command } from "../../../src/core/task/command.ts";
import { type TaskState, isLive, isSettled, openCalls } from "../../../src/core/task/state.ts";
import type { Check } from "./witness.ts";

type Answered = Extract<Command, { type: "approvalAnswered" }>;

/** A1. Once, in time, by whom it was put to, entitled then, and as surely known as was asked. */
export const isAnsweredRightly: Check = ({ row, command, events, before }, _witness, report) => {
  for (const event of events) {
    if (event.type !== "approvalAnswered") continue;
    const approval = before?.approvals.find(({ id }) => id === event.approval);
    if (command.type !== "approvalAnswered" || approval === undefined)
      return report("A1", "answered by nobody");
    const { by, assurance, rights }: Answered = command;
    if (approval.state !== "open") report("A1", `${approval.id} was ${approval.state} and is answered`);
    if (row.atMs >= approval.expiresAtMs) report("A1", `${approval.id} is answered after its time`);
    if (by !== approval.approver) report("A1", `${approval.id} is answered by ${by}`);
    if (!rights.entitledApprovers.includes(by)) report("A1", `${by} may not answer`);
    if (approval.assurance === "signedIn" && assurance !== "signedIn") report("A1", `${by} is hardly known`);
  }
};

/** A1. Ending a task closes its questions; one about a call stands only while that call waits for it. */
export const asksOnlyWhatStands: Check = ({ after }, _witness, report) => {
  for (const { id, state, question } of after.approvals) {
    if (state !== "open") continue;
    if (!isLive(after)) report("A1", `${id} is open though the task has ended`);
    else if ("callId" in question && !isHeldBy(after, question.callId, id))
      report("A1", `${id} is open though its call does not wait for it`);
  }
};

/** A1. Someone who said yes and may still say it is not asked the same again, unless the task was resumed. */
export function asksOnce(isAlwaysEntitled: (approver: string) => boolean): Check {
  return ({ events, after }, _witness, report) => {
    for (const event of events) {
      if (event.type !== "approvalOpened" || event.approval.question.kind !== "call") continue;
      const { callId } = event.approval.question;
      const call = openCalls(after).find(({ id }) => id === callId);
      const earlier = after.approvals.filter(
        ({ id, question }) => id !== event.approval.id && "callId" in question && question.callId === callId,
      );
      const yes = earlier.find(({ state, approver }) => state === "approved" && isAlwaysEntitled(approver));
      if (yes !== undefined && call !== undefined && call.asked > 1)
        report("A1", `${callId} is asked about again, though ${yes.id} was approved`);
    }
  };
}

function isHeldBy(state: TaskState, callId: string, approval: string): boolean {
  const call = openCalls(state).find(({ id }) => id === callId);
  return (
    call !== undefined &&
    !isSettled(call) &&
    call.progress.at === "held" &&
    call.progress.approval === approval
  );
}

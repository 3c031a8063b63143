import type { ErrorCode } from "../../contracts/outcome.ts";
import { lastText } from "../conversation.ts";
import type { Draft } from "./draft.ts";
import type { TaskState } from "./state.ts";

/** A1. Ending a task closes its open approvals; what is in flight is aborted by whoever carries it out. */
export function fail(draft: Draft, code: ErrorCode, message: string): void {
  closeApprovals(draft);
  draft.emit({
    type: "taskFailed",
    error: { code, message, retryable: false },
    partial: partialOf(draft.state),
  });
}

export function complete(draft: Draft, answer: string): void {
  closeApprovals(draft);
  draft.emit({ type: "taskCompleted", answer });
}

export function cancel(draft: Draft, by: string, reason: string): void {
  closeApprovals(draft);
  draft.emit({ type: "taskCanceled", by, reason, partial: partialOf(draft.state) });
}

/** What there is of an answer: text of the reply that is streaming, else the last text the model gave. */
function partialOf(state: TaskState): string {
  const streaming = state.phase.kind === "thinking" ? state.phase.model.partial : "";
  return streaming === "" ? lastText(state.messages) : streaming;
}

function closeApprovals(draft: Draft): void {
  for (const approval of draft.state.approvals) {
    if (approval.state === "open")
      draft.emit({ type: "approvalClosed", approval: approval.id, state: "closed", reason: "task_ended" });
  }
}

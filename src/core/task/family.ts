import { overran } from "../budget.ts";
import type { ChildEnded } from "./command.ts";
import type { Draft } from "./draft.ts";
import { advance } from "./judging.ts";
import { stopForOverrun } from "./model-call.ts";
import type { TaskRefusal } from "./refusal.ts";
import { settleByChild } from "./settle.ts";
import { isLive, isSettled } from "./state.ts";

/** E1. A child's end settles the call that asked for it, once, whichever attempt made the child and whoever tells it. */
export function decideChildEnded(draft: Draft, { call: id }: ChildEnded): TaskRefusal | null {
  const before = draft.state.budget;
  if (draft.state.strays.some((stray) => stray.id === id)) draft.emit({ type: "strayEnded", call: id });
  else {
    const call = draft.call(id);
    if (call === undefined || isSettled(call) || call.grant === null) return null;
    settleByChild(draft, call);
  }
  if (isLive(draft.state) && overran(before, draft.state.budget)) stopForOverrun(draft);
  advance(draft);
  return null;
}

export function decideParentTold(draft: Draft): TaskRefusal | null {
  const { order, parentTold } = draft.state;
  if (order.parent !== undefined && !isLive(draft.state) && !parentTold) draft.emit({ type: "parentTold" });
  return null;
}

import type { HandOff, Rung } from "../../contracts/ladder.ts";
import { hasRoomForChild } from "../conversation.ts";
import { ESCALATE, handOffOf, rungsOf } from "../ladder.ts";
import { ask } from "./asking.ts";
import type { Draft } from "./draft.ts";
import { fail } from "./ending.ts";
import { advance } from "./judging.ts";
import { intendModelCall } from "./model-call.ts";
import { putForward } from "./proposing.ts";
import { type Stuck, type TaskState, isLive } from "./state.ts";

/**
 * A step that failed goes to the next rung of its agent's ladder that is there, as soon as the task may go on; when none is left, the
 * task fails as it would without one. Each rung is tried once a step, so this ends.
 */
export function climbOn(draft: Draft): void {
  for (let { stuck, paused } = draft.state; stuck !== undefined && !paused && isLive(draft.state);) {
    climbFrom(draft, stuck);
    ({ stuck, paused } = draft.state);
  }
}

function climbFrom(draft: Draft, { because, code, message }: Stuck): void {
  const handOff = handOffOf(draft.state, because, message);
  for (const [place, rung] of rungsOf(draft.state).entries()) {
    const isAbove = place > (draft.state.climb?.rung ?? -1);
    if (isAbove && isThere(draft.state, rung)) return climbTo(draft, rung, { place, handOff });
  }
  fail(draft, code, message);
}

/** Whether a rung can be asked at all: there is such a step in the route, or there is room for one more child. */
function isThere(state: TaskState, rung: Rung): boolean {
  switch (rung.to) {
    case "model":
      return Object.hasOwn(state.order.route?.steps ?? {}, ESCALATE);
    case "agent":
      return hasRoomForChild(state);
    case "human":
      return true;
  }
}

function climbTo(draft: Draft, rung: Rung, { place, handOff }: { place: number; handOff: HandOff }): void {
  const turn = draft.state.turns.length;
  const untilMs = draft.nowMs + (rung.to === "human" ? rung.ttlMs : rung.withinMs);
  draft.emit({ type: "stepEscalated", rung: place, turn, untilMs, handOff });
  switch (rung.to) {
    case "model":
      return intendModelCall(draft);
    case "agent":
      return delegate(draft, rung, handOff);
    case "human": {
      const { approver, assurance, ttlMs } = rung;
      const question = { kind: "handOff", turn: turn + 1, rung: place, handOff } as const;
      const approval = ask(draft, question, { approver, assurance, ttlMs });
      draft.emit({ type: "modelCallHeld", call: draft.nextId(), turn: turn + 1, approval });
    }
  }
}

/** The runtime makes the proposal in the model's place; it goes before the gate like any other. */
function delegate(
  draft: Draft,
  { tool, share, withinMs }: Extract<Rung, { to: "agent" }>,
  { asked, because, detail, tried }: HandOff,
): void {
  const handoff = { known: { because, detail }, tried: tried.map(({ what, ended }) => `${what}: ${ended}`) };
  const argsText = JSON.stringify({ goal: asked, share, withinMs, handoff });
  const part = { type: "call", providerCallId: draft.nextId(), tool, argsText } as const;
  draft.emit({ type: "stepDelegated", part });
  putForward(draft, draft.state.turns.length + 1, [part]);
  // A join that wants more parts than this one closes at once.
  advance(draft);
}

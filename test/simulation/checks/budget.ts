import { type Amounts, DIMENSIONS } from "../../../src/contracts/budget.ts";
import { NOTHING, plus } from "../../../src/core/budget.ts";
import { type TaskState, isLive, openCalls } from "../../../src/core/task/state.ts";
import type { Check } from "./witness.ts";

/** B1. At every commit: nothing negative, nothing above its ceiling, and set aside exactly what is out. */
export const staysWithinBudget: Check = ({ after }, _witness, report) => {
  const { limit, spent, reserved, overrun } = after.budget;
  const out = setAside(after);
  for (const d of DIMENSIONS) {
    if (spent[d] + reserved[d] > limit[d])
      report("B1", `${d}: ${spent[d]} spent + ${reserved[d]} reserved > ${limit[d]}`);
    if (spent[d] < 0 || reserved[d] < 0 || overrun[d] < 0) report("B1", `${d}: less than nothing`);
    if (reserved[d] !== out[d]) report("B1", `${d}: ${reserved[d]} set aside for ${out[d]} that is out`);
  }
};

/** B1. A ceiling rises only by a human's answer, or by a resume within the agent's own. */
export const raisesNothingByItself: Check = ({ events, command }, _witness, report) => {
  const raised = events.some(({ type }) => type === "limitExtended");
  if (raised && command.type !== "approvalAnswered" && command.type !== "resume")
    report("B1", `${command.type} raised a ceiling`);
};

/** B1. Usage above a reservation stops the task. */
export const stopsAtOverrun: Check = ({ before, after }, _witness, report) => {
  const overran = DIMENSIONS.some((d) => after.budget.overrun[d] > (before?.budget.overrun[d] ?? 0));
  if (overran && isLive(after)) report("B1", "goes on after an overrun");
};

/** B1. What nobody claimed cannot have cost anything. */
export const chargesNothingUnclaimed: Check = ({ before, events }, _witness, report) => {
  const progress = before?.phase.kind === "thinking" ? before.phase.model.progress : null;
  if (progress?.at !== "intended" || progress.placement !== "queued") return;
  for (const event of events)
    if (event.type === "modelCallFailed" && event.used.tokens > 0)
      report("B1", `${event.call} is charged, and nobody claimed it`);
};

const OUT: ReadonlySet<string> = new Set(["intended", "claimed", "submitted"]);

function setAside(state: TaskState): Amounts {
  const { phase } = state;
  const model = phase.kind === "thinking" ? phase.model : null;
  const forModel = model !== null && OUT.has(model.progress.at) ? model.reserved : NOTHING;
  return [...openCalls(state), ...state.strays]
    .map(({ reserved }) => reserved ?? NOTHING)
    .reduce(plus, forModel);
}

import type { ModelRequest } from "../src/contracts/model.ts";
import { hasRoomForChild, readableBy, toolSketches } from "../src/core/conversation.ts";
import { toolOf } from "../src/core/task/judging.ts";
import type { Call, ModelCall, TaskState } from "../src/core/task/state.ts";
import type { NewTask } from "../src/contracts/task.ts";
import { nameOf } from "../src/contracts/route.ts";
import { servingModel } from "../src/core/task/serving.ts";
import { askedForMs } from "../src/core/ladder.ts";
import { childOrder, memberOf } from "../src/core/delegation.ts";
import type { CoreFunctions } from "../src/core/functions.ts";
import { taskName } from "../src/task-name.ts";
import type { ToolRequest } from "../src/contracts/call.ts";
import type { Applicant } from "../src/guards/allowance-doors.ts";

/** What the model is asked: the conversation as it stands, in the runtime's own words. */
export function modelRequest(state: TaskState, call: ModelCall): ModelRequest {
  const { order, messages } = state;
  const { id, attempt, tries, choice, turnedAway } = call;
  const model = servingModel(order, call);
  return {
    model,
    id,
    idempotencyKey: `${id}.${choice?.candidate ?? 0}.${tries}`,
    task: order.task,
    tenant: order.tenant,
    agent: order.agent.name,
    attempt,
    ...(turnedAway > 0 && { turnedAway }),
    instructions: order.agent.instructions,
    messages: choice === undefined ? messages : readableBy(nameOf(model), messages),
    tools: sketchesOf(state),
    traceparent: order.traceparent,
  };
}

/** What a tool is asked. The call's id is its idempotency key, whichever attempt this is. */
export function toolRequest(state: TaskState, call: Call): ToolRequest {
  const { order } = state;
  const tool = toolOf(state, call.tool);
  if (tool === null) throw new Error(`an allowed call has a tool: ${call.tool}`);
  return {
    tool,
    args: call.args,
    ...(call.turnedAway > 0 && { turnedAway: call.turnedAway }),
    context: {
      id: call.id,
      attempt: call.attempt,
      inDoubt: call.inDoubt,
      task: order.task,
      tenant: order.tenant,
      principal: order.principal,
      agent: order.agent.name,
      correlationId: order.task,
      traceparent: order.traceparent,
      ...(order.origin === undefined ? {} : { origin: order.origin }),
    },
  };
}

/** The order of the child that carries a call out, or null where nobody was recruited by it. */
export function childOf(state: TaskState, call: Call, fns: CoreFunctions): NewTask | null {
  const tool = toolOf(state, call.tool);
  const member = tool && memberOf(state.order, tool);
  if (member === null || call.grant === null) return null;
  const name = childName(state.order, call.id, fns);
  return childOrder(
    state,
    { ...call, grant: call.grant },
    { member, name, bodyHash: callHash(call.id, fns) },
  );
}

/** One call never has two children: the name follows from its id. */
export function childName({ jurisdiction }: NewTask, call: string, fns: CoreFunctions): string {
  return taskName(callHash(call, fns), jurisdiction).id;
}

function callHash(call: string, fns: CoreFunctions): string {
  return fns.sha256(`countersign.child.v1\n${call}`);
}

/** Who asks for an allowance. */
export function applicantOf(state: TaskState): Applicant {
  const { order, phase, startedAtMs, allowance: held } = state;
  const { tenant, task, principal, priority = "normal", allowance } = order;
  if (allowance === undefined) throw new Error("a task that asks for an allowance needs one");
  return {
    tenant,
    task,
    principal,
    priority,
    terms: allowance,
    queued: phase.kind === "queued",
    begun: startedAtMs !== null,
    askTtlMs: askedForMs(state),
    place: held?.place ?? null,
  };
}

/** The same sketches for every turn of a task, with delegations and without: made once, so that adapters can convert them once. */
const sketches = {
  all: new WeakMap<NewTask, ModelRequest["tools"]>(),
  alone: new WeakMap<NewTask, ModelRequest["tools"]>(),
};

function sketchesOf(state: TaskState): ModelRequest["tools"] {
  const { order } = state;
  const room = hasRoomForChild(state);
  const made = room ? sketches.all : sketches.alone;
  const known = made.get(order) ?? toolSketches(order, room);
  made.set(order, known);
  return known;
}

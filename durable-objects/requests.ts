import type { ModelRequest } from "../src/contracts/model.ts";
import { toolSketches } from "../src/core/conversation.ts";
import { toolOf } from "../src/core/task/judging.ts";
import type { Call, ModelCall, TaskState } from "../src/core/task/state.ts";
import type { NewTask } from "../src/contracts/task.ts";
import type { ToolRequest } from "../src/ports.ts";

/** What the model is asked: the conversation as it stands, in the runtime's own words. */
export function modelRequest({ order, messages }: TaskState, { id, attempt }: ModelCall): ModelRequest {
  return {
    model: order.model,
    id,
    attempt,
    instructions: order.agent.instructions,
    messages,
    tools: sketchesOf(order),
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
    context: {
      id: call.id,
      attempt: call.attempt,
      inDoubt: call.inDoubt,
      task: order.task,
      tenant: order.tenant,
      principal: order.principal,
      correlationId: order.task,
      traceparent: order.traceparent,
      ...(order.origin === undefined ? {} : { origin: order.origin }),
    },
  };
}

/** The same sketches for every turn of a task: made once, so that adapters can convert them once. */
const sketches = new WeakMap<NewTask, ModelRequest["tools"]>();

function sketchesOf(order: NewTask): ModelRequest["tools"] {
  const known = sketches.get(order);
  if (known !== undefined) return known;
  const made = toolSketches(order);
  sketches.set(order, made);
  return made;
}

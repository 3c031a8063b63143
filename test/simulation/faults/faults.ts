import { NOTHING } from "../../../src/core/budget.ts";
import type { Event } from "../../../src/core/task/event.ts";
import { type TaskState, isSettled } from "../../../src/core/task/state.ts";
import type { Seams } from "../object.ts";
import { type Decide, type EffectsOf, amended, misled, withCalls } from "./amend.ts";
import { appending, forgetful, replaced } from "./parts.ts";

/** Something that an engineer might get wrong, got wrong from outside of the production code. */
export interface Fault {
  readonly seams?: Seams;
  readonly decide?: (real: Decide) => Decide;
  readonly effectsOf?: (real: EffectsOf) => EffectsOf;
  /** The invariants by which it must come to light. */
  readonly breaks: readonly string[];
}

export const FAULTS: Readonly<Record<string, Fault>> = {
  "a claim is told and not written": {
    seams: { store: (store) => appending(store, (body) => !body.startsWith('{"command":{"type":"claim"')) },
    breaks: ["J1"],
  },
  "a claim is handed out again to whoever asks again": {
    seams: { door: (door) => forgetful(door) },
    breaks: ["E2", "J1"],
  },
  "a call is settled again": {
    decide: (real) =>
      misled(real, (state, command) =>
        command.type === "callsSettled"
          ? unsettled(
              state,
              command.settlements.map(({ call }) => call),
            )
          : state,
      ),
    breaks: ["E1"],
  },
  "a write is sent again under a new key": {
    seams: {
      outside: (outside) => ({
        ...outside,
        tools: {
          ...outside.tools,
          execute: ({ context, ...request }, signal) => {
            const id = context.attempt === 1 ? context.id : `${context.id}-${context.attempt}`;
            return outside.tools.execute({ ...request, context: { ...context, id } }, signal);
          },
        },
      }),
    },
    breaks: ["J1", "E2"],
  },
  "a model call leaves without its reservation": {
    decide: (real) =>
      amended(real, (event) => [
        event.type === "modelCallIntended" ? { ...event, reserved: NOTHING } : event,
      ]),
    breaks: ["B1"],
  },
  "a call runs before it is approved": {
    decide: (real) => amended(real, (event) => unasked(event)),
    breaks: ["P1"],
  },
  "a restart forgets what was out": {
    decide: (real) => (state, command, nowMs, fns) =>
      command.type === "interrupted" ? { ok: true, events: [], state } : real(state, command, nowMs, fns),
    breaks: ["E2", "J1"],
  },
  "audit rows are lost when D1 is down": {
    seams: {
      outside: (outside) => ({
        ...outside,
        audit: { append: (batch) => outside.audit.append(batch).catch(() => undefined) },
      }),
    },
    breaks: ["L1"],
  },
  "a write of unknown outcome is sent again blindly": {
    decide: (real) => amended(real, (event, state) => [blindly(event, state)]),
    breaks: ["E2"],
  },
  "an answer is taken twice": {
    decide: (real) =>
      misled(real, (state, { type }) =>
        type === "approvalAnswered"
          ? { ...state, approvals: state.approvals.map((approval) => ({ ...approval, state: "open" })) }
          : state,
      ),
    breaks: ["A1"],
  },
  "an answer is taken from whoever gives it": {
    decide: (real) => (state, command, nowMs, fns) => {
      const approval = state?.approvals.find(
        ({ id }) => command.type === "approvalAnswered" && id === command.approval,
      );
      if (command.type !== "approvalAnswered" || approval === undefined)
        return real(state, command, nowMs, fns);
      const rights = { ...command.rights, entitledApprovers: [approval.approver] };
      return real(state, { ...command, by: approval.approver, rights }, nowMs, fns);
    },
    breaks: ["A1"],
  },
  "no alarm is armed when the driver yields": {
    seams: {
      outside: (outside) => ({
        ...outside,
        alarm: {
          ...outside.alarm,
          set: (atMs) => (atMs > outside.clock.nowMs() ? undefined : outside.alarm.set(atMs)),
        },
      }),
    },
    breaks: ["ends", "L1"],
  },
  "an effect leaves before its commit is durable": {
    seams: { holdsBack: false },
    breaks: ["J1"],
  },
  "rights are read once and believed for ever": {
    seams: {
      outside: (outside) => {
        const read = outside.rights.read.bind(outside.rights);
        return {
          ...outside,
          rights: { read: async (query) => ({ ...(await read(query)), authorityActive: true }) },
        };
      },
    },
    breaks: ["P1"],
  },
  "a result is dropped once the task has ended": {
    decide: (real) => (state, command, nowMs, fns) =>
      command.type === "callsSettled" && state?.phase.kind === "ended"
        ? { ok: true, events: [], state }
        : real(state, command, nowMs, fns),
    breaks: ["E1"],
  },
  "a snapshot is not the fold": {
    seams: {
      store: (store) =>
        replaced(store, "saveSnapshot", (head, text) =>
          store.saveSnapshot(head, text.replace('"plan":null', '"plan":1')),
        ),
    },
    breaks: ["J2", "J3"],
  },
  "a decision is left to chance": {
    decide: (real) => {
      let drawn = 0;
      return amended(real, (event) => [
        event.type === "callIntended" ? { ...event, resendAtMs: event.resendAtMs + (drawn++ % 7) } : event,
      ]);
    },
    breaks: ["J3"],
  },
};

function unsettled(state: TaskState, calls: readonly string[]): TaskState {
  return withCalls(state, (call) =>
    calls.includes(call.id) && isSettled(call)
      ? { ...call, progress: { at: "claimed", leaseUntilMs: 0 } }
      : call,
  );
}

/** Lets a call go where a human would have been asked. */
function unasked(event: Event): readonly Event[] {
  if (event.type === "approvalOpened" && event.approval.question.kind === "call") return [];
  if (event.type !== "callHeld" || event.about !== "call") return [event];
  return [{ type: "callIntended", call: event.call, attempt: 1, placement: "inline", resendAtMs: 0 }];
}

/** Sends again where it should be read back first. */
function blindly(event: Event, { updatedAtMs: atMs }: TaskState): Event {
  if (event.type !== "readBackIntended") return event;
  const error = { code: "unavailable", message: "planted", retryable: true } as const;
  const { call, attempt } = event;
  return { type: "callRetryScheduled", call, attempt, atMs, next: "send", error, inDoubt: false };
}

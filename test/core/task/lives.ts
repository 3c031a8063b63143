import fc from "fast-check";
import { DIMENSIONS } from "../../../src/contracts/budget.ts";
import type { JoinRule } from "../../../src/contracts/join.ts";
import type { ModelReply } from "../../../src/contracts/model.ts";
import type { NewTask } from "../../../src/contracts/task.ts";
import { modelOf } from "../../../src/core/task/model-call.ts";
import { openCalls } from "../../../src/core/task/state.ts";
import { nextTimerMs } from "../../../src/core/task/timer.ts";
import { ASK_RESEARCHER, FAMILY, QUESTION } from "../fixtures/family.ts";
import { joinOf } from "../fixtures/joins.ts";
import { LIMIT, T0, orderOf } from "../fixtures/order.ts";
import { USAGE, asks, asksRaw, proposes } from "../fixtures/said.ts";
import { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { HOUR_MS, TOOLS } from "../fixtures/tools.ts";
import { type Focus, type Saying, VARIANTS, everySaying, focusOf } from "../fixtures/variants.ts";

/** A join of customers and researchers, of every kind. */
const joins: fc.Arbitrary<JoinRule> = fc
  .record({
    until: fc.constantFrom<JoinRule["until"]>(
      { kind: "all" },
      { kind: "any" },
      { kind: "quorum", k: 2 },
      { kind: "firstValid" },
      { kind: "bestEffort", withinMs: 60_000 },
    ),
    stragglers: fc.constantFrom("cancel" as const, "finish" as const),
    mayMiss: fc.subarray(["find_customer", "ask_researcher"]),
    comparable: fc.constant(["/ok"]),
    onConflict: fc.constantFrom<JoinRule["onConflict"]>({ kind: "tell" }, { kind: "ask" }),
    onUnsatisfied: fc.constantFrom("tell" as const, "ask" as const, "fail" as const),
  })
  .map(joinOf);

/** Orders with all ceilings wide but perhaps one or two, both reactions to them, and every placement. */
export const orders: fc.Arbitrary<NewTask> = fc
  .record({
    onLimit: fc.constantFrom("fail" as const, "ask" as const),
    placement: fc.constantFrom("auto" as const, "inline" as const, "queued" as const),
    interactive: fc.boolean(),
    backgroundMs: fc.option(fc.constantFrom(1, HOUR_MS), { nil: undefined, freq: 1 }),
    limit: fc.record(
      {
        turns: fc.integer({ min: 0, max: 8 }),
        toolCalls: fc.integer({ min: 0, max: 8 }),
        tokens: fc.integer({ min: 0, max: 20_000 }),
        wallMs: fc.integer({ min: 0, max: 24 * HOUR_MS }),
        costMicroUsd: fc.integer({ min: 0, max: 20_000 }),
        children: fc.integer({ min: 0, max: 3 }),
      },
      { requiredKeys: [] },
    ),
    narrow: fc.array(fc.constantFrom(...DIMENSIONS), { maxLength: 2 }),
    joins: fc.option(fc.array(joins, { minLength: 1, maxLength: 1 }), { nil: undefined, freq: 2 }),
    deadline: fc.option(fc.integer({ min: 1, max: 48 * HOUR_MS }), { nil: undefined, freq: 1 }),
  })
  .map(({ deadline, limit, narrow, joins: rules, backgroundMs, ...others }) => {
    const wishes = { ...others, ...(backgroundMs && { backgroundMs }) };
    const ceilings = Object.fromEntries(narrow.map((d) => [d, limit[d] ?? LIMIT[d]]));
    const order = { ...wishes, limit: ceilings, ...(rules && { ...FAMILY, joins: rules }) };
    return orderOf(deadline === undefined ? order : { ...order, deadlineAtMs: T0 + deadline });
  });

/** One thing that happens: after how long, which of all commands, and which of what is out it is about. */
export interface Happening {
  readonly wait: keyof typeof WAITS;
  readonly likely: boolean;
  readonly pick: number;
  readonly about: number;
  readonly parts: readonly number[];
}

export const happenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.record({
    wait: fc.nat(19).map((n) => (n === 0 ? "end" : n < 10 ? "none" : n < 15 ? "second" : "timer")),
    likely: fc.nat(4).map((n) => n > 0),
    pick: fc.nat(999),
    about: fc.nat(9),
    parts: fc.array(fc.nat(99), { minLength: 1, maxLength: 4 }),
  }),
  { minLength: 5, maxLength: 60, size: "max" },
);

/** Lives a life: everything that happens is told to the task, whatever it makes of it. */
export function lived(order: NewTask, life: readonly Happening[]): TaskUnderTest {
  const task = TaskUnderTest.created(order);
  for (const happening of life) happens(task, happening);
  return task;
}

function happens(task: TaskUnderTest, { wait, likely, pick, about, parts }: Happening): void {
  task.passes(waitMs(task, wait));
  if (wait === "end") return void task.put({ type: "timerFired" });
  if (!likely) return void tells(task, SAID, pick, about);
  if (mayBeSubmitted(task) && pick % 5 > 1) return void task.submits(`resp_${task.state.seq}`);
  if (isModelOut(task) && pick % 5 > 0) return void task.replies(replyOf(parts, pick % 20 === 1));
  for (let i = 0; i < GOING_ON.length; i++) {
    const told = tells(task, GOING_ON, pick + i, about);
    if (told !== "nothing" && !told.startsWith("refused")) return;
  }
}

function isModelOut({ state }: TaskUnderTest): boolean {
  const at = modelOf(state)?.progress.at;
  return at === "intended" || at === "claimed" || at === "submitted";
}

function mayBeSubmitted({ state }: TaskUnderTest): boolean {
  return state.order.model.backgroundMs !== undefined && modelOf(state)?.progress.at === "intended";
}

/** Some proposals, sometimes by a model that used more than it should. */
function replyOf(parts: readonly number[], usedTooMuch: boolean): ModelReply {
  const reply = proposes(...parts.map(partOf));
  return usedTooMuch ? { ...reply, usage: { ...USAGE, outputTokens: LIMIT.tokens * 3 } } : reply;
}

/** Says the n-th of these to the task, about one of the calls that are out. */
function tells(task: TaskUnderTest, said: readonly Saying[], n: number, about: number): string {
  const saying = said[n % said.length];
  if (saying === undefined) return "nothing";
  const { command, atMs } = saying(focusOn(task, about));
  task.nowMs = Math.max(task.nowMs, Math.min(atMs ?? 0, task.nowMs + 3 * HOUR_MS));
  return task.put(command);
}

const SAID: readonly Saying[] = everySaying();

/** What keeps a task going. */
const GOING_ON: readonly Saying[] = [
  ...Object.values(VARIANTS.start),
  ...Object.values(VARIANTS.callsSettled),
  ...Object.values(VARIANTS.readBackEnded),
  ...of(VARIANTS.childEnded, "done", "failed"),
  ...of(VARIANTS.rightsRead, "as before", "no approver"),
  ...of(VARIANTS.claim, "fitting"),
  ...of(VARIANTS.responseDropped, "fitting"),
  ...of(VARIANTS.approvalAnswered, "approve", "deny", "too late"),
  ...Object.values(VARIANTS.interrupted),
  ...Object.values(VARIANTS.timerFired),
  ...of(VARIANTS.resume, "plain", "more turns"),
  resumesSomewhere,
];

function of(variants: Readonly<Record<string, Saying>>, ...names: readonly string[]): readonly Saying[] {
  return Object.entries(variants).flatMap(([name, saying]) => (names.includes(name) ? [saying] : []));
}

function resumesSomewhere({ state, attempt }: Focus): ReturnType<Saying> {
  const checkpoint = 1 + ((state.seq * 7 + attempt) % state.seq);
  const limits = Object.fromEntries(DIMENSIONS.map((d) => [d, LIMIT[d] * 2]));
  return { command: { type: "resume", by: "mia", checkpoint, limits } };
}

/** Any of the calls that are out, or the model's. */
function focusOn(task: TaskUnderTest, about: number): Focus {
  const focus = focusOf(task.state, task.nowMs);
  const out = [...openCalls(task.state), ...[modelOf(task.state)].filter((model) => model !== null)];
  const one = out[about % Math.max(out.length, 1)];
  return one === undefined ? focus : { ...focus, call: one.id, attempt: one.attempt };
}

function waitMs(task: TaskUnderTest, wait: Happening["wait"]): number {
  return WAITS[wait](Math.max(0, (nextTimerMs(task.state) ?? 0) - task.nowMs));
}

/** How long it is until something happens, given how long it is until something is due. */
const WAITS = {
  none: () => 0,
  second: () => 1_000,
  timer: (dueMs: number) => Math.min(dueMs, HOUR_MS),
  end: () => LIMIT.wallMs,
} as const;

const KINDS = Object.values(TOOLS);
const RECRUITS = asks(ASK_RESEARCHER, QUESTION);

function partOf(n: number): ReturnType<typeof asks> {
  if (n === 0) return asks({ name: "no_such_tool" });
  if (n === 1) return asksRaw(TOOLS.refund, '{"n":1,"n":2}');
  if (n === 2) return asks(TOOLS.addNote, { n: "one" });
  if (n % 5 === 3) return RECRUITS;
  return asks(KINDS[n % KINDS.length] ?? TOOLS.findCustomer, { n: n % 3 });
}

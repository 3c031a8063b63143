import type { CommitRow, Head } from "../../../src/contracts/journal.ts";
import type { Outcome } from "../../../src/contracts/outcome.ts";
import type { NewTask } from "../../../src/contracts/task.ts";
import type { ToolManifest } from "../../../src/contracts/tool.ts";
import type { Grant } from "../../../src/core/delegation.ts";
import { GENESIS } from "../../../src/core/chain.ts";
import { decodeBody } from "../../../src/core/task/commit.ts";
import type { Command } from "../../../src/core/task/command.ts";
import type { Event } from "../../../src/core/task/event.ts";
import { evolve } from "../../../src/core/task/evolve.ts";
import type { TaskState } from "../../../src/core/task/state.ts";
import { outcomeOf } from "../../../src/core/task/outcome-of.ts";
import { Accounts } from "./accounts.ts";
import { AllowanceBook } from "./allowances.ts";
import { LadderBook } from "./ladder.ts";
import { RouteBook } from "./routes.ts";

/** One durable commit, with the state on both sides of it. */
export interface Seen {
  readonly row: CommitRow;
  /** Which life of the object committed it. */
  readonly life: number;
  readonly command: Command;
  readonly events: readonly Event[];
  readonly before: TaskState | null;
  readonly after: TaskState;
  /** The same, event by event. */
  readonly steps: readonly Step[];
}

export interface Step {
  readonly event: Event;
  readonly before: TaskState | null;
  readonly after: TaskState;
}

/** What the journal says of one call, gathered from its events alone. */
export interface CallRecord {
  readonly id: string;
  readonly proposalHash: string;
  readonly tool: ToolManifest | null;
  readonly args: string;
  /** Attempts that may leave inline, and attempts that were claimed. */
  readonly inline: Set<number>;
  readonly claimed: Set<number>;
  attempt: number;
  outcome: Outcome | null;
  reusedFrom: string | null;
  /** Whether an attempt may have taken effect without anyone knowing. */
  uncertain: boolean;
  /** How often a human said that it may be sent again. */
  yeses: number;
  /** What its child task is given. */
  grant: Grant | null;
  /** The child tasks that were made for it. */
  readonly children: Set<string>;
  /** Until when its child may live: it was settled then, unless a join closed without it and lets that finish. Infinity until it is settled. */
  waitedForUntilMs: number;
}

export type Report = (invariant: string, what: string) => void;
export type Check = (seen: Seen, witness: Witness, report: Report) => void;

/** Someone who reads every commit of one task once it is durable, and keeps in mind what was said of each call. */
export class Witness {
  readonly order: NewTask;
  readonly rows: CommitRow[] = [];
  /** In which life of its object each call was intended last. */
  readonly intendedIn = new Map<string, number>();
  readonly calls = new Map<string, CallRecord>();
  /** Calls whose success was handed in, and taken without complaint. */
  readonly handedIn = new Set<string>();
  readonly accounts = new Accounts();
  readonly allowances = new AllowanceBook();
  readonly ladder = new LadderBook();
  readonly routes: RouteBook;
  /** Since when the task has ended; Infinity while it lives. */
  endedAtMs = Infinity;
  /** When it first did, whatever a resume made of that. */
  firstEndedAtMs = Infinity;
  /** The commit that took the task back to a checkpoint last. */
  resumedSeq = 0;
  readonly #checks: readonly Check[];
  readonly #report: Report;
  #state: TaskState | null = null;

  constructor(order: NewTask, checks: readonly Check[], report: Report) {
    this.order = order;
    this.routes = new RouteBook(order);
    this.#checks = checks;
    this.#report = (invariant, what) => report(invariant, `${order.task}@${this.rows.length}: ${what}`);
  }

  /** The task as it would be found after a crash now. */
  get state(): TaskState | null {
    return this.#state;
  }

  /** Null when the journal does not hold together any more: J2 is broken then, and nothing else can be told. */
  take(row: CommitRow, life: number): Seen | null {
    try {
      return this.#fold(row, life);
    } catch (error) {
      this.#report("J2", `the commit cannot be folded: ${String(error)}`);
      return null;
    }
  }

  #fold(row: CommitRow, life: number): Seen {
    this.rows.push(row);
    const { command, events } = decodeBody(row);
    const before = this.#state;
    const intended: string[] = [];
    const steps: Step[] = [];
    for (const event of events) {
      const after = evolve(this.#state, event, { seq: row.seq, atMs: row.atMs, command });
      steps.push({ event, before: this.#state, after });
      this.#state = after;
      this.#remember(event, command);
      this.accounts.take(event, command);
      this.allowances.take(event, command);
      this.ladder.take(event, after.turns);
      this.routes.take(event, command);
      if (event.type === "callIntended" || event.type === "modelCallIntended") intended.push(event.call);
    }
    this.#keepTime(events, row);
    if (this.#state === null) throw new Error("a commit has at least one event");
    const seen = { row, life, command, events, before, after: this.#state, steps };
    for (const check of this.#checks) check(seen, this, this.#report);
    for (const call of intended) this.intendedIn.set(call, life);
    return seen;
  }

  #keepTime(events: readonly Event[], { seq, atMs }: CommitRow): void {
    const phase = this.#state?.phase.kind;
    this.endedAtMs = phase === "ended" ? Math.min(this.endedAtMs, atMs) : Infinity;
    for (const event of events) {
      if (event.type === "taskResumed") this.resumedSeq = seq;
      const record = event.type === "callSettled" ? this.calls.get(event.call) : undefined;
      if (event.type !== "callSettled" || record === undefined) continue;
      const mayFinish = event.straggler === "finish";
      record.waitedForUntilMs = mayFinish ? Math.max(atMs, record.grant?.deadlineAtMs ?? 0) : atMs;
    }
    if (phase === "ended") this.#giveUpStragglers(this.endedAtMs);
  }

  /** A child that may finish without its call may do so for as long as its parent lives: a resume does not bring that back. */
  #giveUpStragglers(atMs: number): void {
    this.firstEndedAtMs = Math.min(this.firstEndedAtMs, atMs);
    for (const record of this.calls.values())
      if (record.outcome !== null) record.waitedForUntilMs = Math.min(record.waitedForUntilMs, atMs);
  }

  #remember(event: Event, command: Command): void {
    if (event.type === "approvalAnswered") return this.#rememberAnswer(event.approval, command);
    if (event.type === "callProposed") {
      const { call: id, proposalHash, tool: name, args } = event;
      const tool = this.order.agent.tools.find((candidate) => candidate.name === name) ?? null;
      const fresh = {
        attempt: 0,
        outcome: null,
        reusedFrom: null,
        uncertain: false,
        yeses: 0,
        grant: null,
        waitedForUntilMs: Infinity,
      };
      const sets = { inline: new Set<number>(), claimed: new Set<number>(), children: new Set<string>() };
      if (this.calls.has(id)) this.#report("E1", `the id ${id} was given twice`);
      this.calls.set(id, { id, proposalHash, tool, args: JSON.stringify(args), ...sets, ...fresh });
    }
    const record = "call" in event ? this.calls.get(event.call) : undefined;
    if (record !== undefined) this.#rememberCall(record, event, command);
  }

  #rememberCall(record: CallRecord, event: Event, command: Command): void {
    if (event.type === "callIntended") this.#rememberIntended(record, event);
    if (event.type === "callClaimed") this.#rememberClaimed(record, event.attempt);
    if (event.type === "callRetryScheduled" && isSaidUndone(record, command)) record.uncertain = false;
    if (event.type === "callSettled") this.#rememberSettled(record, event, command);
  }

  #rememberIntended(record: CallRecord, event: Extract<Event, { type: "callIntended" }>): void {
    const { attempt, placement } = event;
    if (attempt <= record.attempt) this.#report("E2", `${record.id}: attempt ${attempt} again`);
    this.#mayLeave(record);
    record.attempt = attempt;
    record.grant = event.grant ?? record.grant;
    if (placement === "inline") this.#goesOut(record, record.inline, attempt);
  }

  #rememberClaimed(record: CallRecord, attempt: number): void {
    if (record.claimed.has(attempt)) this.#report("E2", `${record.id}: claimed twice`);
    this.#mayLeave(record);
    this.#goesOut(record, record.claimed, attempt);
  }

  #goesOut(record: CallRecord, way: Set<number>, attempt: number): void {
    way.add(attempt);
    record.uncertain = true;
  }

  /** E2. A write of unknown outcome leaves again under its key only if that is honoured. */
  #mayLeave({ tool, uncertain, id, attempt }: CallRecord): void {
    if (uncertain && tool?.effect !== "read" && tool?.recovery !== "key")
      this.#report("E2", `${id}: sent again, though nobody knows what became of attempt ${attempt}`);
  }

  #rememberSettled(
    record: CallRecord,
    event: Extract<Event, { type: "callSettled" }>,
    command: Command,
  ): void {
    if (record.outcome !== null) this.#report("E1", `${record.id} is settled twice`);
    const settlement =
      command.type === "callsSettled" ? command.settlements[event.settlement ?? 0] : undefined;
    const brought = command.type === "childEnded" ? command.result : settlement?.result;
    record.outcome = event.outcome ?? (brought === undefined ? null : outcomeOf(brought));
    record.reusedFrom = event.reusedFrom ?? null;
    if (record.outcome === null) this.#report("E1", `${record.id} is settled with nothing`);
  }

  #rememberAnswer(id: string, command: Command): void {
    const question = this.#state?.approvals.find((approval) => approval.id === id)?.question;
    if (command.type !== "approvalAnswered" || command.decision !== "approve" || question?.kind !== "resend")
      return;
    const record = this.calls.get(question.callId);
    if (record === undefined) return;
    record.uncertain = false;
    record.yeses += 1;
  }
}

/** The chain as far as it is durable. */
export function headOf({ rows }: Witness): Head {
  return { seq: rows.length, hash: rows.at(-1)?.hash ?? GENESIS.hash };
}

/** The tool's word, or what was read back, says that no attempt so far took effect. */
function isSaidUndone(record: CallRecord, command: Command): boolean {
  if (command.type === "readBackEnded") return command.finding.kind === "absent";
  const wentOut = record.inline.has(record.attempt) || record.claimed.has(record.attempt);
  return (
    wentOut &&
    command.type === "callsSettled" &&
    command.settlements.some(
      ({ call, attempt, result }) =>
        call === record.id && attempt === record.attempt && result.kind === "failed",
    )
  );
}

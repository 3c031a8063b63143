import type { Rights } from "../src/contracts/access.ts";
import type { Approval } from "../src/contracts/approval.ts";
import type { LimitsWanted } from "../src/contracts/budget.ts";
import type { CommitRow, Head } from "../src/contracts/journal.ts";
import type { CallMessage } from "../src/contracts/queue.ts";
import type { NewTask, TaskView } from "../src/contracts/task.ts";
import { isAging } from "../src/core/authority.ts";
import { type ChildEnd, childEnd } from "../src/core/delegation.ts";
import type { CoreFunctions } from "../src/core/functions.ts";
import type { Command } from "../src/core/task/command.ts";
import { conflictWith } from "../src/core/task/decide.ts";
import { modelOf } from "../src/core/task/model-call.ts";
import { hasChildren, isLive } from "../src/core/task/state.ts";
import type { WaitingDoor } from "../src/guards/allowance-doors.ts";
import type {
  Answer,
  ApprovalAnswer,
  CallDoor,
  ClaimedEffect,
  FamilyDoor,
  FamilyView,
  ReplayReport,
  Settlement,
  TaskDoor,
} from "../src/ports.ts";
import type { TaskStore } from "../src/storage/task-store.ts";
import { AuditTail } from "./audit-tail.ts";
import { bounded } from "./bounded.ts";
import { claimedEffects, givenUp, settlementCommands } from "./claims.ts";
import { Driver } from "./driver.ts";
import type { Outside } from "./outside.ts";
import { replayOf } from "./replaying.ts";
import { TaskLog } from "./task-log.ts";
import { approvalOf, childrenOf, viewOf } from "./task-view.ts";

export interface HostedParts {
  readonly store: TaskStore;
  readonly outside: Outside;
  readonly fns: CoreFunctions;
}

/** One task behind its doors, on whatever hosts it: a Durable Object, or the simulation's machine. */
export class HostedTask implements TaskDoor, CallDoor, FamilyDoor, WaitingDoor {
  readonly #store: TaskStore;
  readonly #log: TaskLog;
  readonly #tail: AuditTail;
  readonly #driver: Driver;
  readonly #outside: Outside;
  readonly #fns: CoreFunctions;
  /** Those who wait for the end at the object itself. */
  #end = Promise.withResolvers<string>();

  constructor({ store, outside: unbounded, fns }: HostedParts) {
    const outside = bounded(unbounded);
    const { clock, salt, audit } = outside;
    this.#store = store;
    this.#outside = outside;
    this.#fns = fns;
    const onCommit = (row: CommitRow): void => this.#committed(row);
    this.#log = new TaskLog({ store, fns, clock, salt, onCommit });
    this.#tail = new AuditTail({ log: this.#log, store, audit, clock });
    this.#driver = new Driver({ log: this.#log, tail: this.#tail, outside, fns });
  }

  /** Tells those who read or wait that the task has ended, if it has: unless it is resumed, nothing more will come. */
  tellEnd(): void {
    const { state } = this.#log;
    if (state === null || isLive(state)) return;
    const view = this.#mustView();
    this.#outside.readers.ended(view);
    this.#end.resolve(JSON.stringify(view));
    this.#end = Promise.withResolvers();
  }

  alarm(): Promise<void> {
    return this.#driver.alarm();
  }

  async create(order: NewTask): Promise<Answer<{ created: boolean; view: TaskView }>> {
    const result = this.#driver.commit({ type: "create", order });
    if (!result.ok) return { ok: false, ...result.refusal };
    if (result.changed) this.#driver.kick();
    return { ok: true, value: { created: result.changed, view: this.#mustView() } };
  }

  async made(bodyHash: string): Promise<Answer<TaskView> | null> {
    const { state } = this.#log;
    if (state === null) return null;
    const conflict = conflictWith(state, bodyHash);
    return conflict === null ? { ok: true, value: this.#mustView() } : { ok: false, ...conflict };
  }

  async view(): Promise<TaskView | null> {
    return this.#log.state === null ? null : this.#mustView();
  }

  async family(): Promise<FamilyView | null> {
    const { state } = this.#log;
    return state === null ? null : { view: this.#mustView(), children: childrenOf(state, this.#fns) };
  }

  async endAtWork(): Promise<string | null> {
    const { state } = this.#log;
    if (state !== null && !isLive(state)) return JSON.stringify(this.#mustView());
    const { rest } = this.#driver;
    return rest === null ? null : await Promise.race([this.#end.promise, rest.then(() => null)]);
  }

  async cancel(by: string, reason: string | undefined): Promise<Answer<TaskView> | null> {
    return this.#control({ type: "cancel", by, ...(reason === undefined ? {} : { reason }) });
  }

  async pause(by: string): Promise<Answer<TaskView> | null> {
    return this.#control({ type: "pause", by });
  }

  async resume(
    by: string,
    checkpoint: number | undefined,
    limits: LimitsWanted | undefined,
  ): Promise<Answer<TaskView> | null> {
    const from = checkpoint === undefined ? {} : { checkpoint };
    return this.#control({ type: "resume", by, ...from, ...(limits === undefined ? {} : { limits }) });
  }

  async approval(id: string): Promise<Approval | null> {
    const { state } = this.#log;
    const found = state?.approvals.find((approval) => approval.id === id);
    return state === null || found === undefined ? null : approvalOf(state, found);
  }

  /** A1. Whether the one who answers may answer is read now, before the answer is decided. */
  async answer(answer: ApprovalAnswer): Promise<Answer<Approval> | null> {
    const order = this.#log.state?.order;
    if (order === undefined) return null;
    const { approval, decision, by, assurance, comment } = answer;
    const rights = await this.#rightsNow([by]).catch(() => null);
    if (rights === null)
      return { ok: false, code: "unavailable", detail: "The approver's rights cannot be read now." };
    const said = comment === undefined ? {} : { comment };
    const result = this.#driver.commit({
      type: "approvalAnswered",
      approval,
      decision,
      by,
      assurance,
      ...said,
      rights,
    });
    if (!result.ok) return { ok: false, ...result.refusal };
    this.#driver.kick();
    const value = await this.approval(approval);
    return value === null ? null : { ok: true, value };
  }

  async commits(fromSeq: number, limit: number): Promise<readonly CommitRow[] | null> {
    return this.#store.exists ? this.#store.rowsAfter(fromSeq - 1, limit) : null;
  }

  async artifact(sha256: string): Promise<string | null> {
    return this.#store.artifact(sha256);
  }

  async putArtifact(sha256: string, text: string): Promise<void> {
    this.#store.putArtifact(sha256, text);
  }

  async replay(): Promise<ReplayReport | null> {
    return this.#log.state === null ? null : replayOf(this.#store, this.#log.state, this.#fns);
  }

  async head(): Promise<Head | null> {
    return this.#store.exists ? this.#log.head : null;
  }

  /** P1. The gate runs again with the rights of now; what it lets through is claimed, and comes back to be carried out. */
  async claim(claims: CallMessage["claims"]): Promise<readonly ClaimedEffect[]> {
    const order = this.#log.state?.order;
    if (order === undefined) return [];
    const rights = await this.#rightsFor(claims);
    const before = this.#log.state;
    const result = this.#driver.commit({ type: "claim", claims, rights });
    const { state } = this.#log;
    if (!result.ok || !result.changed || before === null || state === null) return [];
    const streamed = this.#outside.readers.connected();
    const claimed = claimedEffects(before, state, { claims, streamed, fns: this.#fns });
    if (claimed.length < claims.length) this.#driver.kick();
    return claimed;
  }

  async settle(settlements: readonly Settlement[]): Promise<void> {
    for (const command of settlementCommands(settlements)) this.#driver.commit(command);
    await this.#driver.goOn();
  }

  async giveUp(claims: CallMessage["claims"]): Promise<void> {
    if (this.#log.state === null) return;
    for (const command of givenUp(this.#log.state, claims)) this.#driver.commit(command);
    this.#driver.kick();
  }

  /** Text that a queued model call streams while someone reads. */
  async partial(call: string, attempt: number, text: string): Promise<void> {
    if (this.#log.state !== null) this.#driver.streamed({ call, attempt }, text);
  }

  async poke(): Promise<void> {
    if (this.#log.state !== null) this.#driver.hurry();
  }

  async howItIs(): Promise<ChildEnd | "alive" | null> {
    const { state } = this.#log;
    if (state === null) return null;
    if (state.phase.kind !== "ended" || hasChildren(state)) return "alive";
    return childEnd(state, state.phase.end, this.#fns);
  }

  async childEnded(call: string, end: ChildEnd): Promise<void> {
    this.#driver.commit({ type: "childEnded", call, ...end });
    await this.#driver.goOn();
  }

  #committed(row: CommitRow): void {
    this.#tail.grew(row);
    this.#outside.readers.committed(row);
    this.tellEnd();
  }

  /** A model call has no gate of its own: it does not wait for a D1 that is down, and what it proposes does. */
  async #rightsFor(claims: CallMessage["claims"]): Promise<Rights | null> {
    const { state } = this.#log;
    if (state === null) throw new Error("a task that is claimed from has a state");
    const model = modelOf(state);
    const isModelAlone = claims.every(({ id }) => id === model?.id);
    if (!isModelAlone) return this.#rightsNow([...new Set(state.approvals.map(({ approver }) => approver))]);
    if (!isAging(state.authority, this.#outside.clock.nowMs())) return null;
    return this.#rightsNow([]).catch(() => null);
  }

  async #rightsNow(approvers: readonly string[]): Promise<Rights> {
    const order = this.#log.state?.order;
    if (order === undefined) throw new Error("a task that is asked about has a state");
    return this.#outside.rights.read({ tenant: order.tenant, keyId: order.keyId, approvers });
  }

  #control(command: Extract<Command, { type: "cancel" | "pause" | "resume" }>): Answer<TaskView> | null {
    if (this.#log.state === null) return null;
    const result = this.#driver.commit(command);
    if (!result.ok) return { ok: false, ...result.refusal };
    if (result.changed) this.#driver.kick();
    return { ok: true, value: this.#mustView() };
  }

  #mustView(): TaskView {
    if (this.#log.state === null) throw new Error("a task that was created has a state");
    return viewOf(this.#log.state, this.#log.head);
  }
}

import { DurableObject } from "cloudflare:workers";
import type { Approval } from "../src/contracts/approval.ts";
import type { LimitsWanted } from "../src/contracts/budget.ts";
import type { CommitRow, Head } from "../src/contracts/journal.ts";
import type { CallMessage } from "../src/contracts/queue.ts";
import type { NewTask, TaskView } from "../src/contracts/task.ts";
import type { Command } from "../src/core/task/command.ts";
import { isLive } from "../src/core/task/state.ts";
import type {
  Answer,
  ApprovalAnswer,
  CallDoor,
  ClaimedEffect,
  ReplayReport,
  Settlement,
  TaskDoor,
} from "../src/ports.ts";
import { TaskStore } from "../src/storage/task-store.ts";
import { type Wiring, coreFunctions } from "../src/wiring.ts";
import { AuditTail } from "./audit-tail.ts";
import { claimedEffects, givenUp, settlementCommands } from "./claims.ts";
import { Driver } from "./driver.ts";
import type { Outside } from "./outside.ts";
import { outsideOf, sqlOf } from "./platform.ts";
import { replayOf } from "./replaying.ts";
import { TaskLog } from "./task-log.ts";
import { approvalOf, viewOf } from "./task-view.ts";

/** What a task's object is wired with. Made once an isolate, and shared by all of its objects. */
export type ObjectWiring = Pick<Wiring, "models" | "tools" | "queue" | "audit" | "keys" | "tenant">;

/**
 * One task. It holds the journal, and does nothing clever: load, decide, commit, perform. It writes nothing until it is created, so
 * that a probe for an unknown task leaves nothing behind (H1).
 */
export abstract class TaskObjectBase<E extends Cloudflare.Env = Cloudflare.Env>
  extends DurableObject<E>
  implements TaskDoor, CallDoor
{
  readonly #store: TaskStore;
  readonly #log: TaskLog;
  readonly #driver: Driver;
  readonly #outside: Outside;

  constructor(ctx: DurableObjectState, env: E, wiring: ObjectWiring) {
    super(ctx, env);
    this.#store = new TaskStore(sqlOf(ctx.storage));
    this.#outside = outsideOf(ctx, wiring, this.#store);
    const { clock, salt, audit, tenants, readers } = this.#outside;
    const onCommit = (row: CommitRow) => readers.committed(row);
    this.#log = new TaskLog({ store: this.#store, fns: coreFunctions, clock, salt, onCommit });
    const tail = new AuditTail({ log: this.#log, store: this.#store, audit, tenants, clock });
    this.#driver = new Driver({ log: this.#log, tail, outside: this.#outside });
  }

  override async alarm(): Promise<void> {
    await this.#driver.drive();
    this.#closeReaders();
  }

  async create(order: NewTask): Promise<Answer<{ created: boolean; view: TaskView }>> {
    const result = this.#driver.commit({ type: "create", order });
    if (!result.ok) return { ok: false, ...result.refusal };
    if (result.changed) this.#driver.kick();
    return { ok: true, value: { created: result.changed, view: this.#mustView() } };
  }

  async view(): Promise<TaskView | null> {
    return this.#log.state === null ? null : this.#mustView();
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
    const found = this.#log.state?.approvals.find((approval) => approval.id === id);
    return found === undefined ? null : approvalOf(found);
  }

  /** A1. Whether the one who answers may answer is read now, before the answer is decided. */
  async answer(answer: ApprovalAnswer): Promise<Answer<Approval> | null> {
    const order = this.#log.state?.order;
    if (order === undefined) return null;
    const { approval, decision, by, assurance, comment } = answer;
    const query = { tenant: order.tenant, keyId: order.keyId, approvers: [by] };
    const rights = await this.#outside.rights.read(query).catch(() => null);
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
    return this.#log.state === null ? null : replayOf(this.#store, this.#log.state, coreFunctions);
  }

  async head(): Promise<Head | null> {
    return this.#store.exists ? this.#log.head : null;
  }

  /** P1. The gate runs again with the rights of now; what it lets through is claimed, and comes back to be carried out. */
  async claim(claims: CallMessage["claims"]): Promise<readonly ClaimedEffect[]> {
    const order = this.#log.state?.order;
    if (order === undefined) return [];
    const approvers = this.#log.state?.approvals.map(({ approver }) => approver) ?? [];
    const rights = await this.#outside.rights.read({
      tenant: order.tenant,
      keyId: order.keyId,
      approvers: [...new Set(approvers)],
    });
    const before = this.#log.state;
    const result = this.#driver.commit({ type: "claim", claims, rights });
    const { state } = this.#log;
    if (!result.ok || !result.changed || before === null || state === null) return [];
    const claimed = claimedEffects(before, state, { claims, streamed: this.#outside.readers.connected() });
    if (claimed.length < claims.length) this.#driver.kick();
    return claimed;
  }

  async settle(settlements: readonly Settlement[]): Promise<void> {
    for (const command of settlementCommands(settlements)) this.#driver.commit(command);
    this.#driver.kick();
  }

  async giveUp(claims: CallMessage["claims"]): Promise<void> {
    if (this.#log.state === null) return;
    for (const command of givenUp(this.#log.state, claims)) this.#driver.commit(command);
    this.#driver.kick();
  }

  /** Text that a queued model call streams while someone reads. */
  async partial(text: string): Promise<void> {
    this.#outside.readers.partial(text);
  }

  /** A reader: every commit after `from`, then each new one, over a socket that survives the object's eviction. */
  override async fetch(request: Request): Promise<Response> {
    if (!this.#store.exists) return new Response(null, { status: 404 });
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    let seq = Number(new URL(request.url).searchParams.get("from") ?? 0);
    for (let rows = this.#store.rowsAfter(seq); rows.length > 0; rows = this.#store.rowsAfter(seq)) {
      for (const row of rows) server.send(JSON.stringify(row));
      seq = rows.at(-1)?.seq ?? seq;
    }
    this.#closeReaders();
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    socket.close(code === 1005 ? 1000 : code);
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

  #closeReaders(): void {
    if (this.#log.state === null || isLive(this.#log.state)) return;
    for (const socket of this.ctx.getWebSockets()) socket.close(1000, "ended");
  }
}

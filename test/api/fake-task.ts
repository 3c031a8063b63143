import type { TaskHandle } from "../../src/api/deps.ts";
import type { Approval } from "../../src/contracts/approval.ts";
import { type FeedSocket, commitMessage } from "../../src/feed.ts";
import type { CommitRow } from "../../src/contracts/journal.ts";
import type { ChildView, NewTask, TaskView } from "../../src/contracts/task.ts";
import type { Answer, ApprovalAnswer, FamilyView, ReplayReport } from "../../src/ports.ts";
import { T0, viewOf } from "./fixtures.ts";

/** The far end of a task's socket. */
export class FakeSocket implements FeedSocket {
  accepted = false;
  closedWith: number | null = null;
  readonly #listeners = { message: [], close: [], error: [] } as Record<string, ((event: never) => void)[]>;

  accept(): void {
    this.accepted = true;
  }
  close(code: number): void {
    if (this.closedWith !== null) throw new Error("closed twice");
    this.closedWith = code;
  }
  addEventListener(type: string, take: (event: never) => void): void {
    this.#listeners[type]?.push(take);
  }
  tell(type: "message" | "close" | "error", event: object): void {
    for (const take of this.#listeners[type] ?? []) take(event as never);
  }
  commit(row: CommitRow): void {
    this.tell("message", { data: commitMessage(row) });
  }
}

/** One task's object. It does not decide anything; it says what a test put into it, and writes down what it was asked. */
export class FakeTask implements TaskHandle {
  readonly asked: string[] = [];
  order: NewTask | null = null;
  current: TaskView | null = null;
  approvals: Approval[] = [];
  rows: CommitRow[] = [];
  children: ChildView[] = [];
  socket = new FakeSocket();
  answers: ApprovalAnswer[] = [];
  /** What is said of its end for as long as it works; it does not work unless told. */
  atWork: () => Promise<string | null> = async () => null;
  refuseWith: Extract<Answer<never>, { ok: false }> | null = null;

  async poke(): Promise<void> {
    this.asked.push("poke");
  }
  async create(order: NewTask): Promise<Answer<{ created: boolean; view: TaskView }>> {
    this.asked.push("create");
    if (this.order !== null && this.order.bodyHash !== order.bodyHash)
      return { ok: false, code: "idempotency_conflict", detail: "Another body." };
    const created = this.order === null;
    this.order ??= order;
    this.current ??= viewOf(order);
    return { ok: true, value: { created, view: this.current } };
  }
  async made(bodyHash: string): Promise<Answer<TaskView> | null> {
    this.asked.push("made");
    if (this.order === null || this.current === null) return null;
    return this.order.bodyHash === bodyHash
      ? { ok: true, value: this.current }
      : { ok: false, code: "idempotency_conflict", detail: "Another body." };
  }
  async view(): Promise<TaskView | null> {
    this.asked.push("view");
    return this.current;
  }
  async family(): Promise<FamilyView | null> {
    this.asked.push("family");
    return this.current && { view: this.current, children: this.children };
  }
  async endAtWork(): Promise<string | null> {
    this.asked.push("endAtWork");
    return await this.atWork();
  }
  async cancel(by: string, reason: string | undefined): Promise<Answer<TaskView> | null> {
    return this.#steer(`cancel by ${by}: ${reason ?? "-"}`, { status: "canceled" });
  }
  async pause(by: string): Promise<Answer<TaskView> | null> {
    return this.#steer(`pause by ${by}`, { paused: true });
  }
  async resume(
    by: string,
    checkpoint: number | undefined,
    limits: object | undefined,
  ): Promise<Answer<TaskView> | null> {
    return this.#steer(`resume by ${by} from ${checkpoint ?? "-"} with ${JSON.stringify(limits)}`, {
      status: "queued",
      paused: false,
    });
  }
  async approval(id: string): Promise<Approval | null> {
    this.asked.push("approval");
    return this.approvals.find((approval) => approval.id === id) ?? null;
  }
  async answer(answer: ApprovalAnswer): Promise<Answer<Approval> | null> {
    this.asked.push("answer");
    const at = this.approvals.findIndex(({ id }) => id === answer.approval);
    const approval = this.approvals[at];
    if (approval === undefined) return null;
    if (approval.state !== "open") return { ok: false, code: "approval_closed", detail: "It was answered." };
    this.answers.push(answer);
    const { decision, by, assurance, comment } = answer;
    const state = decision === "approve" ? "approved" : "denied";
    const answered: Approval = {
      ...approval,
      state,
      answer: { decision, by, assurance, atMs: T0, ...(comment === undefined ? {} : { comment }) },
    };
    this.approvals[at] = answered;
    return { ok: true, value: answered };
  }
  async commits(fromSeq: number, limit: number): Promise<readonly CommitRow[] | null> {
    this.asked.push("commits");
    return this.current && this.rows.filter(({ seq }) => seq >= fromSeq).slice(0, limit);
  }
  async artifact(): Promise<string | null> {
    return null;
  }
  async replay(): Promise<ReplayReport | null> {
    this.asked.push("replay");
    return (
      this.current && {
        commits: 3,
        equal: false,
        firstDifference: { seq: 2, reason: "said: the customer's secret" },
      }
    );
  }
  async head() {
    this.asked.push("head");
    return this.current && { seq: this.rows.length, hash: this.rows.at(-1)?.hash ?? "" };
  }
  async fetch(url: string) {
    this.asked.push(`fetch ${url}`);
    return this.current === null ? { status: 404, webSocket: null } : { status: 101, webSocket: this.socket };
  }

  #steer(what: string, change: Partial<TaskView>): Answer<TaskView> | null {
    this.asked.push(what);
    if (this.current === null) return null;
    if (this.refuseWith !== null) return this.refuseWith;
    this.current = { ...this.current, ...change };
    return { ok: true, value: this.current };
  }
}

import type { Scope } from "../../src/contracts/access.ts";
import { SCOPES } from "../../src/contracts/access.ts";
import type { AgentManifest } from "../../src/contracts/agent.ts";
import type { Approval } from "../../src/contracts/approval.ts";
import type { CommitRow } from "../../src/contracts/journal.ts";
import type { AuditPage } from "../../src/contracts/lists.ts";
import type { PinnedModel } from "../../src/contracts/model.ts";
import type { NewTask, TaskView } from "../../src/contracts/task.ts";
import { type Api, createApi } from "../../src/api/app.ts";
import type { ApiDeps, FeedSocket, KeyRecord, TaskHandle } from "../../src/api/deps.ts";
import { linkRing } from "../../src/api/link.ts";
import { sha256 } from "../../src/hash.ts";
import type { Answer, ApprovalAnswer, InboxEntry, IndexEntry } from "../../src/ports.ts";
import { type TaskName, objectName } from "../../src/task-name.ts";

export const T0 = Date.UTC(2026, 0, 5, 12);
export const TASK = `tsk_${"1".repeat(32)}`;
export const APPROVAL = `${TASK}.4.0`;
export const LINK_KEYS = JSON.stringify({ k1: "A".repeat(43), k0: "B".repeat(42) + "A" });

export const agent: AgentManifest = {
  name: "support-desk",
  version: "a".repeat(64),
  instructions: "Help.",
  model: "default",
  tools: [],
  limits: {
    turns: 20,
    toolCalls: 40,
    tokens: 200_000,
    wallMs: 86_400_000,
    costMicroUsd: 500_000,
    onLimit: "ask",
  },
  modelRetry: { attemptsMax: 3, delayMsFirst: 100, delayMsMax: 1_000 },
  placement: "auto",
  escalation: { approver: "ana", assurance: "link", ttlMs: 60_000 },
};

const model: PinnedModel = {
  route: "default",
  provider: "scripted",
  model: "script",
  price: { table: "t", input: 0, cachedInput: 0, cacheWrite: 0, output: 0 },
  maxOutputTokens: 1_000,
  timeoutMs: 1_000,
};

export function viewOf(order: Pick<NewTask, "task" | "principal">, more: Partial<TaskView> = {}): TaskView {
  const none = { turns: 0, toolCalls: 0, tokens: 0, wallMs: 0, costMicroUsd: 0 };
  return {
    id: order.task,
    status: "running",
    paused: false,
    agent: agent.name,
    agentVersion: agent.version,
    principal: order.principal,
    model: { provider: "scripted", model: "script" },
    createdAt: new Date(T0).toISOString(),
    updatedAt: new Date(T0).toISOString(),
    interactive: false,
    metadata: {},
    turn: 1,
    budget: { limit: none, spent: none, reserved: none, overrun: none },
    openApprovals: [],
    seq: 1,
    hash: "h".repeat(64),
    ...more,
  };
}

export function openApproval(more: Partial<Approval> = {}): Approval {
  return {
    id: APPROVAL,
    question: {
      kind: "call",
      callId: `${TASK}.3.1`,
      tool: "refund_order",
      args: { orderId: "o-1", amountCents: 4_200 },
      proposalHash: "p".repeat(64),
    },
    approver: "ana",
    assurance: "link",
    openedAtMs: T0,
    expiresAtMs: T0 + 3_600_000,
    binding: "b".repeat(64),
    state: "open",
    ...more,
  };
}

export function commit(seq: number, body: object | string): CommitRow {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return {
    seq,
    atMs: T0 + seq,
    rules: 1,
    body: text,
    salt: `salt-${seq}`,
    digest: sha256(text),
    hash: sha256(`${seq}`),
  };
}

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
    this.tell("message", { data: JSON.stringify(row) });
  }
}

/** One task's object. It does not decide anything; it says what a test put into it, and writes down what it was asked. */
export class FakeTask implements TaskHandle {
  readonly asked: string[] = [];
  order: NewTask | null = null;
  current: TaskView | null = null;
  approvals: Approval[] = [];
  rows: CommitRow[] = [];
  socket = new FakeSocket();
  answers: ApprovalAnswer[] = [];
  refuseWith: Extract<Answer<never>, { ok: false }> | null = null;

  async create(order: NewTask): Promise<Answer<{ created: boolean; view: TaskView }>> {
    this.asked.push("create");
    if (this.order !== null && this.order.bodyHash !== order.bodyHash)
      return { ok: false, code: "idempotency_conflict", detail: "Another body." };
    const created = this.order === null;
    this.order ??= order;
    this.current ??= viewOf(order);
    return { ok: true, value: { created, view: this.current } };
  }
  async view(): Promise<TaskView | null> {
    this.asked.push("view");
    return this.current;
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
  async replay() {
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

const keyFor = (name: string): string => `cs_${sha256(name).slice(0, 43)}`;

/** An API over fakes: one tenant with a task, a key for each need, and a second tenant. */
export class World {
  nowMs = T0;
  readonly keys = new Map<string, KeyRecord>();
  readonly objects = new Map<string, FakeTask>();
  readonly reported: unknown[] = [];
  readonly hops: string[] = [];
  keyReads = 0;
  admitsRequests = true;
  capReached = false;
  index: IndexEntry[] = [];
  inbox: InboxEntry[] = [];
  auditPages: AuditPage[] = [];
  readonly api: Api;
  readonly deps: ApiDeps;

  constructor(change: Partial<ApiDeps> = {}) {
    this.deps = { ...this.#deps(), ...change };
    this.api = createApi(this.deps);
    this.task(TASK).current = viewOf(
      { task: TASK, principal: "mia" },
      { answer: "the answer", openApprovals: [APPROVAL] },
    );
    this.task(TASK).approvals = [openApproval()];
  }

  /** A key with these scopes; all of them unless told. */
  key(scopes: readonly Scope[] = SCOPES, of: Partial<KeyRecord> = {}): string {
    const record: KeyRecord = {
      id: "key_1",
      tenant: "acme",
      principal: "mia",
      scopes,
      expiresAtMs: null,
      revokedAtMs: null,
      ...of,
    };
    const key = keyFor(JSON.stringify(record));
    this.keys.set(sha256(key), record);
    return key;
  }

  task(id: string, tenant = "acme"): FakeTask {
    const name = `${tenant}/${id}`;
    const object = this.objects.get(name) ?? new FakeTask();
    this.objects.set(name, object);
    return object;
  }

  async call(
    method: string,
    path: string,
    of: { key?: string | null; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const { key = this.key(), body, headers = {} } = of;
    const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    const auth: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
    return await this.api.fetch(
      new Request(`http://api.test${path}`, { method, ...sent, headers: { ...type, ...auth, ...headers } }),
    );
  }

  #deps(): ApiDeps {
    const hop = <T>(name: string, value: T): T => {
      this.hops.push(name);
      return value;
    };
    return {
      clock: { nowMs: () => this.nowMs },
      keys: {
        find: async (hash) => {
          this.keyReads += 1;
          return this.keys.get(hash) ?? null;
        },
      },
      admitRequest: async () => this.admitsRequests,
      tasks: (tenant: string, name: TaskName) =>
        name.jurisdiction === "fedramp"
          ? null
          : hop(`object ${objectName(tenant, name)}`, this.task(name.id, tenant)),
      tenants: (tenant) => ({
        admit: async () =>
          hop(
            `admit ${tenant}`,
            this.capReached
              ? { ok: false, code: "tenant_cap_reached", detail: "Full." }
              : { ok: true, value: null },
          ),
        ended: async () => undefined,
      }),
      registry: {
        agent: (name, version) =>
          name === agent.name && (version ?? agent.version) === agent.version ? agent : null,
        model: (manifest) => (manifest.model === "default" ? model : null),
      },
      index: {
        list: async (tenant, filter, { after, limit }) => {
          this.hops.push(`list ${tenant} ${JSON.stringify(filter)}`);
          const from = after === undefined ? 0 : this.index.findIndex(({ task }) => task === after.task) + 1;
          return this.index.slice(from, from + limit);
        },
      },
      inbox: {
        list: async (tenant, filter, { after, limit }) => {
          this.hops.push(`inbox ${tenant} ${JSON.stringify(filter)}`);
          const from = after === undefined ? 0 : this.inbox.findIndex(({ id }) => id === after.id) + 1;
          return this.inbox.slice(from, from + limit);
        },
      },
      audit: {
        page: async (tenant, filter, after) => {
          this.hops.push(`audit ${tenant} ${JSON.stringify(filter)}`);
          const at =
            after === undefined ? 0 : this.auditPages.findIndex(({ next }) => next?.seq === after.seq) + 1;
          return this.auditPages[at] ?? { rows: [] };
        },
        commits: async (_tenant, names) =>
          this.auditPages
            .flatMap(({ rows }) => rows)
            .filter(({ task, seq }) => names.some((name) => name.task === task && name.seq === seq)),
        verify: async (tenant, task, journal) => {
          this.hops.push(`verify ${tenant} ${task}`);
          const head = await journal.head();
          return head === null ? null : { state: "intact", verified: head, fault: null };
        },
      },
      links: linkRing(LINK_KEYS, "k1"),
      cursorKey: "cursor-key",
      publicOrigin: undefined,
      report: (fault) => void this.reported.push(fault.error),
    };
  }
}

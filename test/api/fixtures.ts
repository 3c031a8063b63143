import type { AgentManifest } from "../../src/contracts/agent.ts";
import type { Approval } from "../../src/contracts/approval.ts";
import type { CommitRow } from "../../src/contracts/journal.ts";
import type { PinnedModel } from "../../src/contracts/model.ts";
import type { NewTask, TaskView } from "../../src/contracts/task.ts";
import { sha256 } from "../../src/hash.ts";

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
    children: 0,
    onLimit: "ask",
  },
  modelRetry: { attemptsMax: 3, delayMsFirst: 100, delayMsMax: 1_000 },
  placement: "auto",
  escalation: { approver: "ana", assurance: "link", ttlMs: 60_000 },
};

export const model: PinnedModel = {
  route: "default",
  provider: "scripted",
  model: "script",
  price: { table: "t", input: 0, cachedInput: 0, cacheWrite: 0, output: 0 },
  maxOutputTokens: 1_000,
  timeoutMs: 1_000,
};

export function viewOf(order: Pick<NewTask, "task" | "principal">, more: Partial<TaskView> = {}): TaskView {
  const none = { turns: 0, toolCalls: 0, tokens: 0, wallMs: 0, costMicroUsd: 0, children: 0 };
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

export const JOIN_QUESTION = {
  kind: "join",
  join: "findings",
  turn: 1,
  satisfied: true,
  missing: [{ join: "findings", tool: "look_up", call: `${TASK}.3.2`, why: "timeout" }],
  conflicts: [{ field: "/name", values: [{ call: `${TASK}.3.1`, tool: "find", value: "Leo & Mia" }] }],
} as const;

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

export const FUNDS_QUESTION = {
  kind: "funds",
  account: "tenant",
  period: "day",
  periodKey: "2026-01-05",
  dimension: "tokens",
  ceiling: 700,
  raiseTo: 1_400,
} as const;

export const HAND_OFF_QUESTION = {
  kind: "handOff",
  turn: 2,
  rung: 0,
  handOff: {
    because: "refused",
    detail: "Turn after turn brought nothing.",
    tried: [{ what: "look_up", ended: "not_found" }],
    asked: "Find Leo & Mia.",
  },
} as const satisfies Approval["question"];

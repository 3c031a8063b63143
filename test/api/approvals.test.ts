import { expect, test } from "vitest";
import { openLink } from "../../src/api/link.ts";
import type { Scope } from "../../src/contracts/access.ts";
import { inboxEntry } from "../storage/audited.ts";
import {
  APPROVAL,
  FUNDS_QUESTION,
  HAND_OFF_QUESTION,
  JOIN_QUESTION,
  T0,
  TASK,
  openApproval,
} from "./fixtures.ts";
import { World } from "./world.ts";

const asAna = (world: World, scopes: readonly Scope[] = ["approvals:decide"]) => ({
  key: world.key(scopes, { principal: "ana", id: "key_ana" }),
});

test("the inbox shows open approvals unless told otherwise, page by page", async () => {
  const world = new World();
  world.inbox = [1, 2, 3].map((n) => inboxEntry({ id: `${TASK}.${n}.0`, openedAtMs: T0 - n }));
  const first = await (
    await world.call("GET", "/v1/approvals?limit=2")
  ).json<{ items: object[]; next: string }>();
  expect(first.items[0]).toEqual({
    id: `${TASK}.1.0`,
    task: "tsk_1",
    kind: "call",
    subject: "refund_order",
    approver: "ana",
    state: "open",
    openedAt: "2026-01-05T11:59:59.999Z",
    expiresAt: "2026-01-05T13:00:00.000Z",
  });
  const second = await (await world.call("GET", `/v1/approvals?limit=2&cursor=${first.next}`)).json();
  expect(second).toEqual({ items: [expect.objectContaining({ id: `${TASK}.3.0` })] });
  expect(world.hops[0]).toBe('inbox acme {"state":"open"}');
});

test("who reads tasks sees everyone's approvals, who only decides their own", async () => {
  const world = new World();
  await world.call("GET", "/v1/approvals?approver=ben&state=denied", { key: world.key(["tasks:read"]) });
  await world.call("GET", "/v1/approvals", asAna(world));
  await world.call("GET", "/v1/approvals?approver=ana", asAna(world));
  const others = await world.call("GET", "/v1/approvals?approver=ben", asAna(world));
  expect(await others.json()).toEqual({ items: [] });
  expect(world.hops).toEqual([
    'inbox acme {"state":"denied","approver":"ben"}',
    'inbox acme {"state":"open","approver":"ana"}',
    'inbox acme {"state":"open","approver":"ana"}',
  ]);
});

const { args, proposalHash, ...question } = { ...openApproval().question } as {
  args: object;
  proposalHash: string;
  kind: string;
};

test.each<[string, readonly Scope[], string, object]>([
  ["who may see content", ["tasks:read", "content:read"], "mia", { ...question, args, proposalHash }],
  ["its approver", ["approvals:decide"], "ana", { ...question, args, proposalHash }],
  ["others", ["tasks:read", "approvals:decide"], "mia", question],
])("what is asked about is shown to %s", async (_who, scopes, principal, shown) => {
  const world = new World();
  const response = await world.call("GET", `/v1/approvals/${APPROVAL}`, {
    key: world.key(scopes, { principal }),
  });
  expect(await response.json()).toEqual({
    id: APPROVAL,
    task: TASK,
    state: "open",
    question: shown,
    approver: "ana",
    assurance: "link",
    openedAt: "2026-01-05T12:00:00.000Z",
    expiresAt: "2026-01-05T13:00:00.000Z",
  });
});

test("a question about a budget holds no content", async () => {
  const world = new World();
  const budget = { kind: "budget", dimension: "turns", limit: 20, proposed: 40 } as const;
  world.task(TASK).approvals = [openApproval({ question: budget })];
  const response = await world.call("GET", `/v1/approvals/${APPROVAL}`, { key: world.key(["tasks:read"]) });
  expect(await response.json()).toMatchObject({ question: budget });
});

test.each([
  [
    FUNDS_QUESTION,
    { kind: "funds", account: "tenant", period: "day", periodKey: "2026-01-05", dimension: "tokens" },
  ],
  [HAND_OFF_QUESTION, { kind: "handOff", turn: 2, rung: 0 }],
])("what is content of a question (%j) is shown to who may see that", async (asked, shown) => {
  const world = new World();
  world.task(TASK).approvals = [openApproval({ question: asked })];
  const seenBy = async (scopes: readonly Scope[]) =>
    await (
      await world.call("GET", `/v1/approvals/${APPROVAL}`, { key: world.key(scopes) })
    ).json<{ question: object }>();
  expect((await seenBy(["tasks:read"])).question).toEqual(shown);
  expect((await seenBy(["tasks:read", "content:read"])).question).toEqual(asked);
});

async function linkFrom(world: World, scopes: readonly Scope[]): Promise<string | undefined> {
  const response = await world.call("GET", `/v1/approvals/${APPROVAL}`, { key: world.key(scopes) });
  return (await response.json<{ link?: string }>()).link;
}

test("a signed link is given to who may issue one, for the approver and as long as the approval is open", async () => {
  const world = new World();
  const link = await linkFrom(world, ["approvals:link"]);
  expect(link).toMatch(/^http:\/\/api\.test\/v1\/approve\/[\w-]+\.[\w-]+$/);
  expect(openLink(world.deps.links, link?.split("/").at(-1) ?? "", T0)).toEqual({
    v: 1,
    kid: "k1",
    tenant: "acme",
    task: TASK,
    approval: APPROVAL,
    recipient: "ana",
    exp: (T0 + 3_600_000) / 1_000,
  });
  expect(await linkFrom(world, ["tasks:read", "content:read"])).toBeUndefined();
  world.task(TASK).approvals = [openApproval({ state: "approved" })];
  expect(await linkFrom(world, ["approvals:link"])).toBeUndefined();
});

test("no link is given where the approver must sign in", async () => {
  const world = new World();
  world.task(TASK).approvals = [openApproval({ assurance: "signedIn" })];
  expect(await linkFrom(world, ["approvals:link"])).toBeUndefined();
});

test("links lead to the public origin where one is set", async () => {
  const world = new World({ publicOrigin: "https://desk.example" });
  expect(await linkFrom(world, ["approvals:link"])).toMatch(/^https:\/\/desk\.example\/v1\/approve\//);
});

const decide = async (world: World, of: Parameters<World["call"]>[2]) =>
  await world.call("POST", `/v1/approvals/${APPROVAL}/decision`, of);

test("an approver answers with their own key, once", async () => {
  const world = new World();
  const body = { decision: "approve", comment: "Looks right." };
  const response = await decide(world, { ...asAna(world), body });
  expect(await response.json()).toMatchObject({
    state: "approved",
    answer: {
      decision: "approve",
      by: "ana",
      assurance: "signedIn",
      at: "2026-01-05T12:00:00.000Z",
      comment: "Looks right.",
    },
  });
  expect(world.task(TASK).answers).toEqual([
    { ...body, approval: APPROVAL, by: "ana", assurance: "signedIn" },
  ]);
  const again = await decide(world, { ...asAna(world), body: { decision: "deny" } });
  expect(await again.json()).toMatchObject({ status: 409, code: "approval_closed" });
  expect(world.task(TASK).answers).toHaveLength(1);
});

test("a comment is content", async () => {
  const world = new World();
  await decide(world, { ...asAna(world), body: { decision: "deny", comment: "The customer lied." } });
  const response = await world.call("GET", `/v1/approvals/${APPROVAL}`, { key: world.key(["tasks:read"]) });
  const { answer } = await response.json<{ answer: object }>();
  expect(answer).toEqual({
    decision: "deny",
    by: "ana",
    assurance: "signedIn",
    at: "2026-01-05T12:00:00.000Z",
  });
});

test.each<[string, Partial<{ principal: string }>, Record<string, string>]>([
  ["someone else", { principal: "ben" }, {}],
  ["a key that acts for the approver", { principal: "ben" }, { "x-countersign-principal": "ana" }],
])("%s cannot answer", async (_who, of, headers) => {
  const world = new World();
  const key = world.key(["tasks:read", "approvals:decide", "impersonate"], of);
  const response = await decide(world, { key, headers, body: { decision: "approve" } });
  expect(await response.json()).toMatchObject({ status: 403, code: "forbidden" });
  expect(world.task(TASK).answers).toEqual([]);
});

test("what the task refuses is told with its code", async () => {
  const world = new World();
  world.task(TASK).answer = async () => ({ ok: false, code: "approval_expired", detail: "Too late." });
  const response = await decide(world, { ...asAna(world), body: { decision: "approve" } });
  expect(await response.json()).toMatchObject({ status: 410, code: "approval_expired" });
});

test.each<[string, readonly Scope[], readonly object[] | undefined]>([
  ["who may see content", ["tasks:read", "content:read"], JOIN_QUESTION.conflicts],
  ["others", ["tasks:read"], undefined],
])(
  "what a join did without is shown to all, and the values in conflict to %s",
  async (_who, scopes, conflicts) => {
    const world = new World();
    world.task(TASK).approvals = [openApproval({ question: JOIN_QUESTION })];
    const response = await world.call("GET", `/v1/approvals/${APPROVAL}`, { key: world.key(scopes) });
    const view = await response.json<{ question: Record<string, unknown> }>();
    expect(view.question["missing"]).toEqual(JOIN_QUESTION.missing);
    expect(view.question["conflicts"]).toEqual(conflicts);
  },
);

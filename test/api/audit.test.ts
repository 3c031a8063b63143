import { expect, test } from "vitest";
import type { Scope } from "../../src/contracts/access.ts";
import type { AuditedCommit } from "../../src/contracts/lists.ts";
import { T0, TASK, commit } from "./fixtures.ts";
import { World } from "./world.ts";

const audited = (seq: number, body: object | string): AuditedCommit => ({ task: TASK, ...commit(seq, body) });

/** A task that proposes a refund and a note, asks for the refund, and settles both. */
const refund = `${TASK}.2.1`;
const note = `${TASK}.2.2`;
const approval = `${TASK}.2.3`;
const LOG: readonly AuditedCommit[] = [
  audited(1, {
    command: { type: "create", order: { agent: { tools: [{ tool: "refund_order" }] } } },
    events: [{ type: "taskCreated" }],
  }),
  audited(2, {
    command: { type: "modelReplied", call: `${TASK}.1.1`, reply: { stop: "calls" } },
    events: [
      {
        type: "callProposed",
        call: refund,
        tool: "refund_order",
        args: { call: note, tool: "add_note", amountCents: 4_200 },
      },
      { type: "callProposed", call: note, tool: "add_note", args: {} },
      {
        type: "approvalOpened",
        approval: { id: approval, question: { kind: "call", callId: refund, tool: "refund_order" } },
      },
    ],
  }),
  audited(3, {
    command: { type: "callsSettled", settlements: [{ call: note }] },
    events: [{ type: "callSettled", call: note }],
  }),
  audited(4, {
    command: { type: "approvalAnswered", approval, comment: "ok" },
    events: [{ type: "approvalAnswered", approval }],
  }),
  audited(5, {
    command: { type: "claim", claims: [{ id: refund, attempt: 1 }] },
    events: [{ type: "turnEnded" }],
  }),
  audited(6, {
    command: { type: "callsSettled", settlements: [{ call: refund }] },
    events: [{ type: "callSettled", call: refund }],
  }),
  audited(7, "not json"),
  audited(8, {
    command: { type: "start" },
    events: [{ type: "turnEnded", call: `${TASK}x.2.1` }, { call: "nonsense" }],
  }),
];

/** The log in pages of so many rows. */
function worldWith(rowsAPage: number): World {
  const world = new World();
  for (let at = 0; at < LOG.length; at += rowsAPage) {
    const rows = LOG.slice(at, at + rowsAPage);
    const last = at + rowsAPage < LOG.length ? rows.at(-1) : undefined;
    world.auditPages.push(
      last === undefined ? { rows } : { rows, next: { createdAtMs: T0, task: TASK, seq: last.seq } },
    );
  }
  return world;
}

interface Items {
  readonly items: readonly { readonly seq: number }[];
  readonly next?: string;
}

async function seqs(world: World, query: string): Promise<readonly number[]> {
  const found: number[] = [];
  let cursor = "";
  do {
    const page = await (await world.call("GET", `/v1/audit?${query}${cursor}`)).json<Items>();
    found.push(...page.items.map(({ seq }) => seq));
    cursor = page.next === undefined ? "" : `&cursor=${page.next}`;
  } while (cursor !== "");
  return found;
}

test.each([
  ["", [1, 2, 3, 4, 5, 6, 7, 8]],
  ["&tool=refund_order", [2, 4, 5, 6]],
  ["&tool=add_note", [2, 3]],
  ["&tool=nothing", []],
  ["&event=callSettled", [3, 6]],
  ["&event=approvalAnswered", [4]],
  ["&event=claim", [5]],
  ["&event=unreadable", []],
  ["&tool=refund_order&event=callSettled", [6]],
])("the log, narrowed by %j, holds the commits that fit, whatever the pages", async (query, expected) => {
  for (const rowsAPage of [1, 3, 100]) {
    expect([rowsAPage, await seqs(worldWith(rowsAPage), `task=${TASK}${query}`)]).toEqual([
      rowsAPage,
      expected,
    ]);
  }
});

test("whose and when is asked of the log itself", async () => {
  const world = worldWith(100);
  await world.call(
    "GET",
    `/v1/audit?task=${TASK}&principal=mia&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z`,
  );
  const filter = { task: TASK, principal: "mia", fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2026, 0, 2) };
  expect(world.hops).toEqual([`audit acme ${JSON.stringify(filter)}`]);
});

test("a cursor of one search is of no use in another", async () => {
  const world = worldWith(1);
  const { next } = await (await world.call("GET", `/v1/audit?task=${TASK}&tool=add_note`)).json<Items>();
  expect((await world.call("GET", `/v1/audit?task=${TASK}&tool=add_note&cursor=${next}`)).status).toBe(200);
  expect((await world.call("GET", `/v1/audit?task=${TASK}&tool=refund_order&cursor=${next}`)).status).toBe(
    400,
  );
});

test("without content:read the log shows types, ids and codes", async () => {
  const world = worldWith(100);
  const page = await (await world.call("GET", "/v1/audit", { key: world.key(["audit:read"]) })).json<Items>();
  expect(page.items[1]).toMatchObject({
    task: TASK,
    seq: 2,
    events: [
      { type: "callProposed", call: refund, tool: "refund_order" },
      { type: "callProposed", call: note, tool: "add_note" },
      {
        type: "approvalOpened",
        approval: { id: approval, question: { kind: "call", callId: refund, tool: "refund_order" } },
      },
    ],
  });
  expect(JSON.stringify(page)).not.toMatch(/4200|args|comment|salt/);
});

const NDJSON = { accept: "application/x-ndjson" };

async function lines(world: World, scopes: readonly Scope[], query = ""): Promise<readonly unknown[]> {
  const response = await world.call("GET", `/v1/audit?${query}`, { key: world.key(scopes), headers: NDJSON });
  expect(response.headers.get("content-type")).toBe("application/x-ndjson");
  const text = await response.text();
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
}

test("an export holds every commit's very text and salt, a line each, and says at its end how many", async () => {
  const exported = await lines(worldWith(3), ["audit:read", "content:read"]);
  expect(exported).toEqual([
    ...LOG.map((row) => ({ tenant: "acme", ...row })),
    { end: true, rows: LOG.length },
  ]);
});

test("an export without content:read holds neither text nor salt", async () => {
  const exported = await lines(worldWith(3), ["audit:read"]);
  expect(exported).toHaveLength(LOG.length + 1);
  expect(JSON.stringify(exported)).not.toMatch(/4200|salt|"body"/);
});

test("an export is narrowed like a page", async () => {
  const exported = await lines(worldWith(2), ["audit:read"], `task=${TASK}&event=claim`);
  expect(exported).toMatchObject([{ seq: 5 }, { end: true, rows: 1 }]);
});

test("an export that is too long says where it goes on", async () => {
  const world = new World();
  const total = 450;
  for (let seq = 1; seq <= total; seq++) {
    const rows = [audited(seq, { command: { type: "start" }, events: [] })];
    world.auditPages.push(seq === total ? { rows } : { rows, next: { createdAtMs: T0, task: TASK, seq } });
  }
  const first = await lines(world, ["audit:read"]);
  expect(first).toHaveLength(401);
  const { next } = first.at(-1) as { next: string };
  const second = await lines(world, ["audit:read"], `cursor=${next}`);
  expect(second.at(-1)).toEqual({ end: true, rows: 50 });
});

test("a task's chain is verified against its object", async () => {
  const world = new World();
  world.task(TASK).rows = [commit(1, {})];
  const response = await world.call("GET", `/v1/audit/verify?task=${TASK}`);
  expect(await response.json()).toEqual({
    task: TASK,
    state: "intact",
    verified: { seq: 1, hash: commit(1, {}).hash },
  });
  expect(world.hops).toEqual([`object acme/${TASK}`, `verify acme ${TASK}`]);
});

test("a fault in the chain is told by its place and kind", async () => {
  const { deps } = new World();
  const fault = { seq: 3, kind: "differs" } as const;
  const broken = new World({
    audit: {
      ...deps.audit,
      verify: async () => ({ state: "broken", verified: { seq: 2, hash: "h" }, fault }),
    },
  });
  const response = await broken.call("GET", `/v1/audit/verify?task=${TASK}`);
  expect(await response.json()).toEqual({
    task: TASK,
    state: "broken",
    verified: { seq: 2, hash: "h" },
    fault,
  });
});

test.each(["nope", `tsk_${"0".repeat(32)}`])("there is nothing to verify for the task %s", async (task) => {
  const response = await new World().call("GET", `/v1/audit/verify?task=${task}`);
  expect(await response.json()).toMatchObject({ status: 404, code: "not_found" });
});

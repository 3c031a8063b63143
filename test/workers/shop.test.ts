import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/contracts/json.ts";
import type { Attempt } from "../../src/contracts/outcome.ts";
import { supportDesk, supportDeskScript } from "../../src/agents/support-desk.ts";
import { sha256 } from "../../src/hash.ts";
import { scriptedModel } from "../../src/models/scripted.ts";
import type { Message } from "../../src/contracts/message.ts";
import { createEgress } from "../../src/tools/egress.ts";
import { toolGateways } from "../../src/tools/gateway.ts";
import { type SampleCase, ledgerOf, openSampleCase } from "../../src/tools/shop/sample-case.ts";
import { KeptArtifacts, boundOf, requestFor, untroubled } from "../tools/calls.ts";

const NOW_MS = Date.parse("2026-11-21T10:00:00Z");
const TENANT = "acme";

const gatewayFor = (bindings: object = {}) =>
  toolGateways({
    tools: supportDesk.tools,
    env: { ...env, ...bindings },
    egress: createEgress({ hosts: [] }),
  })(new KeptArtifacts());

interface Asked {
  readonly id?: string;
  readonly tenant?: string;
  readonly bindings?: object;
  readonly timeoutMs?: number;
}

async function call(name: string, args: Json, asked: Asked = {}): Promise<Attempt> {
  const tool = supportDesk.manifest.tools.find((candidate) => candidate.name === name);
  if (tool === undefined) throw new Error(`There is no tool ${name}.`);
  const context = { id: asked.id ?? crypto.randomUUID(), tenant: asked.tenant ?? TENANT };
  const timed = asked.timeoutMs === undefined ? tool : { ...tool, timeoutMs: asked.timeoutMs };
  return gatewayFor(asked.bindings).execute(requestFor(timed, args, context), boundOf(timed));
}

const newCase = (): Promise<SampleCase> => openSampleCase(env.DB, TENANT, NOW_MS);
const refundOf = (sample: SampleCase, amountCents = sample.paidCents): Json => ({
  orderId: sample.orderId,
  amountCents,
  reason: "It is broken.",
});
const failure = (code: string) => ({ kind: "failed", error: { code, retryable: false } });

async function refundedCents(sample: SampleCase): Promise<number> {
  const row = await env.DB.prepare("SELECT SUM(amount_cents) AS cents FROM shop_refunds WHERE order_id = ?1")
    .bind(sample.orderId)
    .first<{ cents: number | null }>();
  return row?.cents ?? 0;
}

describe("reads", () => {
  test("a customer is found by address, whatever its case", async () => {
    const sample = await newCase();
    const customer = { id: sample.customerId, email: sample.email, name: "Mia Sample" };
    expect(await call("find_customer", { email: sample.email.toUpperCase() })).toEqual({
      kind: "done",
      output: customer,
    });
  });

  test("orders are listed newest first, with what was refunded", async () => {
    const sample = await newCase();
    await env.DB.prepare(
      "INSERT INTO shop_orders SELECT tenant, ?1, customer_id, 'Grinder', 'paid', 500, ordered_at_ms + 1 FROM shop_orders WHERE id = ?2",
    )
      .bind(`${sample.orderId}-b`, sample.orderId)
      .run();
    await call("refund_order", refundOf(sample, 900));
    const listed = await call("list_orders", { customerId: sample.customerId });
    expect(listed).toMatchObject({
      output: {
        orders: [
          { id: `${sample.orderId}-b`, status: "paid", refundedCents: 0 },
          {
            id: sample.orderId,
            status: "delivered",
            paidCents: 24_900,
            refundedCents: 900,
            orderedAt: "2026-11-17T10:00:00.000Z",
          },
        ],
      },
    });
  });

  test("an order is shown with its notes", async () => {
    const sample = await newCase();
    await call("add_order_note", { orderId: sample.orderId, text: "Called twice." });
    const shown = await call("get_order", { orderId: sample.orderId });
    expect(shown).toMatchObject({
      kind: "done",
      output: { customerId: sample.customerId, notes: [{ text: "Called twice." }] },
    });
  });

  test("what does not exist, or is another tenant's, is not found", async () => {
    const sample = await newCase();
    const tenant = "globex";
    expect(await call("find_customer", { email: "nobody@example.com" })).toMatchObject(failure("not_found"));
    expect(await call("find_customer", { email: sample.email }, { tenant })).toMatchObject(
      failure("not_found"),
    );
    expect(await call("get_order", { orderId: sample.orderId }, { tenant })).toMatchObject(
      failure("not_found"),
    );
    expect(await call("list_orders", { customerId: sample.customerId }, { tenant })).toEqual({
      kind: "done",
      output: { orders: [] },
    });
    expect(await call("refund_order", refundOf(sample), { tenant })).toMatchObject(failure("not_found"));
    expect(await call("add_order_note", { orderId: sample.orderId, text: "x" }, { tenant })).toMatchObject(
      failure("not_found"),
    );
    const message = { customerId: sample.customerId, subject: "x", body: "y" };
    expect(await call("send_message", message, { tenant })).toMatchObject(failure("not_found"));
  });
});

describe("writes", () => {
  test("a write takes effect once a key, however often and however much at once it arrives", async () => {
    const sample = await newCase();
    const writes = [
      ["add_order_note", { orderId: sample.orderId, text: "Once." }],
      ["refund_order", refundOf(sample)],
      ["send_message", { customerId: sample.customerId, subject: "Refund", body: "Once." }],
    ] as const;
    for (const [name, args] of writes) {
      const arrivals = Array.from({ length: 5 }, () => call(name, args, { id: `${sample.orderId}-${name}` }));
      const outputs = (await Promise.all(arrivals)).map((attempt) => JSON.stringify(attempt));
      expect(new Set(outputs).size).toBe(1);
      expect(outputs[0]).toContain('"kind":"done"');
    }
    expect(await refundedCents(sample)).toBe(sample.paidCents);
    expect(await ledgerOf(env.DB, TENANT, sample)).toMatchObject([
      { action: "note", arrivals: 5, booked: 1 },
      { action: "refund", arrivals: 5, booked: 1 },
      { action: "message", arrivals: 5, booked: 1 },
    ]);
  });

  test("a key that stands for another request is a conflict", async () => {
    const sample = await newCase();
    const id = `${sample.orderId}-key`;
    expect(await call("refund_order", refundOf(sample, 100), { id })).toMatchObject({ kind: "done" });
    expect(await call("refund_order", refundOf(sample, 200), { id })).toMatchObject(failure("conflict"));
    expect(await refundedCents(sample)).toBe(100);
  });

  test("no more is refunded than was paid, also by many at once", async () => {
    const sample = await newCase();
    const refunds = Array.from({ length: 6 }, () => call("refund_order", refundOf(sample, 10_000)));
    const kinds = (await Promise.all(refunds)).map((attempt) => attempt.kind);
    expect(kinds.filter((kind) => kind === "done")).toHaveLength(2);
    const result = await call("refund_order", refundOf(sample, 4_901));
    expect(result).toMatchObject(failure("precondition_failed"));
    expect(JSON.stringify(result)).toContain("4900 cents are left");
    expect(await refundedCents(sample)).toBe(20_000);
  });

  test("what was refunded in full answers its own key again", async () => {
    const sample = await newCase();
    const id = `${sample.orderId}-full`;
    const first = await call("refund_order", refundOf(sample), { id });
    expect(await call("refund_order", refundOf(sample), { id })).toEqual(first);
    expect(await call("refund_order", refundOf(sample, 1))).toMatchObject(failure("precondition_failed"));
  });

  test.each(["paid", "shipped"])("an order that is %s is not refunded", async (status) => {
    const sample = await newCase();
    await env.DB.prepare("UPDATE shop_orders SET status = ?1 WHERE id = ?2")
      .bind(status, sample.orderId)
      .run();
    expect(await call("refund_order", refundOf(sample))).toMatchObject(failure("precondition_failed"));
    expect(await ledgerOf(env.DB, TENANT, sample)).toMatchObject([{ arrivals: 1, booked: 0 }]);
  });

  test("a shop that answers late has booked all the same", async () => {
    const sample = await newCase();
    const id = `${sample.orderId}-late`;
    const late = { id, bindings: { SHOP_REFUND_DELAY_MS: "60000" }, timeoutMs: 300 };
    expect(await call("refund_order", refundOf(sample), late)).toMatchObject({
      kind: "unknown",
      error: { code: "timeout" },
    });
    expect(await refundedCents(sample)).toBe(sample.paidCents);
    expect(await call("refund_order", refundOf(sample), { id })).toMatchObject({ kind: "done" });
    expect(await ledgerOf(env.DB, TENANT, sample)).toMatchObject([{ key: id, arrivals: 2, booked: 1 }]);
  });
});

describe("the support desk", () => {
  test("asks its lead before money moves or customers are written to, and only then", () => {
    const asked = supportDesk.manifest.tools.filter((tool) => tool.mode === "human");
    expect(asked.map(({ name, approval }) => [name, approval?.approver])).toEqual([
      ["refund_order", "support-lead"],
      ["send_message", "support-lead"],
    ]);
  });

  test("its script sees a case through", async () => {
    const sample = await newCase();
    const model = scriptedModel({ desk: supportDeskScript });
    const { text, json } = sample.input;
    let messages: readonly Message[] = [{ role: "user", text: `${text}\n\n${JSON.stringify(json)}` }];
    for (let turn = 0; turn < supportDeskScript.length; turn++) {
      const reply = await model.complete(requestTo("desk", messages, turn), untroubled());
      if (!("parts" in reply)) throw new Error(`the script brought ${reply.stop}`);
      const results = [];
      for (const part of reply.parts) {
        if (part.type !== "call") continue;
        const args = JSON.parse(part.argsText) as Json;
        const attempt = await call(part.tool, args, { id: `${sample.orderId}.${turn}` });
        if (attempt.kind !== "done") throw new Error(JSON.stringify(attempt));
        results.push({
          providerCallId: part.providerCallId,
          tool: part.tool,
          outcome: { ok: true as const, output: attempt.output },
        });
      }
      messages = [...messages, { role: "assistant", parts: reply.parts }, { role: "tool", results }];
    }
    expect(await refundedCents(sample)).toBe(sample.paidCents);
    expect(await ledgerOf(env.DB, TENANT, sample)).toMatchObject([
      { action: "note", booked: 1 },
      { action: "refund", booked: 1 },
      { action: "message", booked: 1 },
    ]);
    expect(JSON.stringify(messages.at(-2))).toContain(`order ${sample.orderId} arrived damaged`);
  });
});

function requestTo(script: string, messages: readonly Message[], turn: number) {
  return {
    id: sha256(`${turn}`),
    tenant: "acme",
    task: "t1",
    idempotencyKey: "t1.1.0.0",
    agent: "desk",
    attempt: 1,
    model: {
      route: "default",
      provider: "scripted",
      model: script,
      price: { table: "none", input: 0, cachedInput: 0, cacheWrite: 0, output: 0 },
      maxOutputTokens: 1_000,
      timeoutMs: 1_000,
    },
    instructions: "",
    messages,
    tools: [],
    traceparent: "",
  } as const;
}

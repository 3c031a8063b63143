import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/contracts/json.ts";
import type { Attempt } from "../../src/contracts/outcome.ts";
import { createEgress } from "../../src/tools/egress.ts";
import type { ToolDefinition } from "../../src/tools/definition.ts";
import { toolGateways } from "../../src/tools/gateway.ts";
import { openSampleCase } from "../../src/tools/shop/sample-case.ts";
import { listMessages, listPayments } from "../../src/tools/shop/shop-records.ts";
import { refundOrder, sendCustomerMessage } from "../../src/tools/shop/shop-tools.ts";
import { KeptArtifacts, boundOf, requestFor } from "../tools/calls.ts";

const NOW_MS = Date.parse("2026-11-21T10:00:00Z");
const TOOLS = [listPayments, listMessages, refundOrder, sendCustomerMessage];

async function call(
  { manifest }: ToolDefinition,
  args: Json,
  { bindings = {}, timeoutMs = 5_000, tenant = "acme" } = {},
): Promise<Attempt> {
  const gateway = toolGateways({
    tools: TOOLS,
    env: { ...env, ...bindings },
    egress: createEgress({ hosts: [] }),
  });
  const tool = { ...manifest, timeoutMs };
  const request = requestFor(tool, args, { id: crypto.randomUUID(), tenant });
  return await gateway(new KeptArtifacts()).execute(request, boundOf(tool));
}

const newCase = () => openSampleCase(env.DB, "acme", NOW_MS);

describe("payments", () => {
  test("are shown with every refund", async () => {
    const { orderId } = await newCase();
    await call(refundOrder, { orderId, amountCents: 900, reason: "Scratched." });
    expect(await call(listPayments, { orderId })).toMatchObject({
      output: {
        paidCents: 24_900,
        refundedCents: 900,
        refunds: [{ amountCents: 900, reason: "Scratched." }],
      },
    });
  });

  test("of nobody, or of another tenant's order, are not found", async () => {
    const { orderId } = await newCase();
    const missing = { kind: "failed", error: { code: "not_found" } };
    expect(await call(listPayments, { orderId: "ord_none" })).toMatchObject(missing);
    expect(await call(listPayments, { orderId }, { tenant: "globex" })).toMatchObject(missing);
  });

  test.each([
    ["fail", { kind: "failed", error: { code: "unavailable" } }],
    ["hang", { kind: "failed", error: { code: "timeout" } }],
  ])("%s where the sample is told so", async (fault, attempt) => {
    const { orderId } = await newCase();
    const asked = { bindings: { SHOP_PAYMENTS: fault }, timeoutMs: 50 };
    expect(await call(listPayments, { orderId }, asked)).toMatchObject(attempt);
  });
});

test("messages are those to a tenant's own customer", async () => {
  const { customerId } = await newCase();
  for (const subject of ["first", "second"])
    await call(sendCustomerMessage, { customerId, subject, body: "Hello." });
  const listed = JSON.stringify(await call(listMessages, { customerId }));
  expect(listed.match(/"subject":"\w+"/g)?.toSorted()).toEqual(['"subject":"first"', '"subject":"second"']);
  expect(await call(listMessages, { customerId }, { tenant: "globex" })).toMatchObject({
    output: { messages: [] },
  });
});

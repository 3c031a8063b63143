import { expect, test } from "vitest";
import type { ApiDeps } from "../../src/api/deps.ts";
import type { AgentManifest } from "../../src/contracts/agent.ts";
import { agent, model } from "./fixtures.ts";
import { BODY, created } from "./created.ts";
import { World } from "./world.ts";

const IDEMPOTENT = { "idempotency-key": "order-7" };

test("the same request under the same key makes one task", async () => {
  const world = new World();
  const first = await created(world, { headers: IDEMPOTENT });
  const again = await created(world, { headers: IDEMPOTENT, body: { input: BODY.input, agent: BODY.agent } });
  expect(again.location).toBe(first.location);
  expect([first.response.status, again.response.status]).toEqual([202, 202]);
  expect([first.response, again.response].map(({ headers }) => headers.get("idempotent-replayed"))).toEqual([
    null,
    "true",
  ]);
});

test("another request under the same key is refused", async () => {
  const world = new World();
  await created(world, { headers: IDEMPOTENT });
  const { response } = await created(world, { headers: IDEMPOTENT, body: { ...BODY, interactive: true } });
  expect(await response.json()).toMatchObject({ status: 422, code: "idempotency_conflict" });
});

test("the same key means something else for another key, principal or tenant; without a key, every request makes a task", async () => {
  const world = new World();
  const locations = [
    await created(world, { headers: IDEMPOTENT }),
    await created(world, { headers: { "idempotency-key": "order-8" } }),
    await created(world, { headers: { ...IDEMPOTENT, "x-countersign-principal": "leo" } }),
    await created(world, { headers: IDEMPOTENT, key: world.key(undefined, { tenant: "other" }) }),
    await created(world),
    await created(world),
  ].map(({ location }) => location);
  expect(new Set(locations).size).toBe(6);
});

test("a tenant that has reached a cap gets no further task, but still the ones it has", async () => {
  const world = new World();
  const first = await created(world, { headers: IDEMPOTENT });
  world.capReached = true;
  const again = await created(world, { headers: IDEMPOTENT });
  expect([again.response.status, again.location]).toEqual([202, first.location]);
  const { response } = await created(world);
  expect(await response.json()).toMatchObject({ status: 429, code: "tenant_cap_reached" });
});

test("a request that is repeated gets its task, although it would make none any more", async () => {
  const registry: ApiDeps["registry"] = {
    agent: () => deployed,
    serving: () => ({ model }),
    team: () => [],
  };
  let deployed: AgentManifest | null = agent;
  const world = new World({ registry });
  const deadline = new Date(world.nowMs + 60_000).toISOString();
  const first = await created(world, { headers: IDEMPOTENT, body: { ...BODY, deadline } });
  world.nowMs += 120_000;
  const late = await created(world, { headers: IDEMPOTENT, body: { ...BODY, deadline } });
  deployed = null;
  const undeployed = await created(world, { headers: IDEMPOTENT, body: { ...BODY, deadline } });
  const other = await created(world, { headers: IDEMPOTENT });
  const fresh = await created(world, { headers: { "idempotency-key": "order-9" } });
  expect([late, undeployed].map(({ response, location }) => [response.status, location])).toEqual([
    [202, first.location],
    [202, first.location],
  ]);
  expect(late.response.headers.get("idempotent-replayed")).toBe("true");
  expect([other.response.status, fresh.response.status]).toEqual([422, 400]);
});

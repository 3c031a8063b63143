import { describe, expect, test } from "vitest";
import type { Attempt } from "../../src/contracts/outcome.ts";
import type { ToolManifest } from "../../src/contracts/tool.ts";
import type { Observation } from "../../src/core/health.ts";
import type { CallContext, ToolRequest } from "../../src/contracts/call.ts";
import { behindBreakers } from "../../src/tools/host-breaker.ts";
import { DONE, errorOf } from "../core/fixtures/said.ts";
import { TOOLS } from "../core/fixtures/tools.ts";

const HTTP: ToolManifest["executor"] = {
  kind: "http",
  endpoint: { method: "POST", url: "https://api.test:8443/refunds" },
};
const CONTEXT: CallContext = {
  id: "c1",
  attempt: 1,
  inDoubt: false,
  task: "t1",
  tenant: "acme",
  principal: "mia",
  agent: "desk",
  correlationId: "t1",
  traceparent: "00-0",
};

/** One call through a breaker that says this of its host: what came of it, what left, and what was told. */
async function called(
  answer: Attempt,
  of: { awayMs?: number; tool?: Partial<ToolManifest>; inDoubt?: boolean } = {},
): Promise<{ result: Attempt; left: number; told: string[] }> {
  const told: string[] = [];
  let left = 0;
  let nowMs = 5;
  const tools = behindBreakers(
    {
      execute: async () => {
        left += 1;
        nowMs += 30;
        return answer;
      },
      readBack: async () => ({ kind: "absent" }),
    },
    {
      turnsAwayForMs: () => of.awayMs ?? null,
      answered: (host, { beganMs, latencyMs, fault }: Observation) =>
        void told.push(`${host} ${beganMs}+${latencyMs} ${fault ?? "well"}`),
    },
    { nowMs: () => nowMs },
  );
  const request: ToolRequest = {
    tool: { ...TOOLS.refund, executor: HTTP, ...of.tool },
    args: {},
    context: { ...CONTEXT, inDoubt: of.inDoubt ?? false },
  };
  const signal = new AbortController().signal;
  const result = await tools.execute(request, signal);
  expect(await tools.readBack(request, signal)).toEqual({ kind: "absent" });
  return { result, left, told };
}

describe("a host that is out", () => {
  test("is not called: nothing happened, and the call may be made again later", async () => {
    const { result, left, told } = await called(DONE, { awayMs: 2_500 });
    expect(result).toMatchObject({
      kind: "failed",
      error: { code: "unavailable", retryable: true, retryAfterMs: 2_500 },
    });
    expect([left, told]).toEqual([0, []]);
  });

  test("leaves a write whose earlier attempt is in doubt in doubt", async () => {
    const { result } = await called(DONE, { awayMs: 2_500, inDoubt: true });
    expect(result).toMatchObject({ kind: "unknown", error: { retryable: true } });
  });

  test("concerns no tool that is not over HTTP", async () => {
    const { result, told } = await called(DONE, { awayMs: 9, tool: { executor: { kind: "builtin" } } });
    expect([result, told]).toEqual([DONE, []]);
  });
});

test.each<[string, Attempt, string]>([
  ["a result", DONE, "well"],
  ["a refusal of the tool", { kind: "failed", error: errorOf("conflict") }, "well"],
  ["a result that cannot be read", { kind: "failed", error: errorOf("output_invalid") }, "well"],
  [
    "a lost connection",
    { kind: "unknown", error: errorOf("unavailable", { retryable: true }) },
    "unavailable",
  ],
  ["a time-out", { kind: "unknown", error: errorOf("timeout", { retryable: true }) }, "timeout"],
])("%s tells of the host", async (_, answer, said) => {
  expect((await called(answer)).told).toEqual([`api.test:8443 5+30 ${said}`]);
});

test.each(["rate_limited", "canceled", "internal", "refused_by_policy", "unavailable"] as const)(
  "%s, not to be tried again, says nothing of the host",
  async (code) => {
    expect((await called({ kind: "failed", error: errorOf(code) })).told).toEqual([]);
  },
);

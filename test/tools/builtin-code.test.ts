import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Attempt } from "../../src/contracts/outcome.ts";
import type { ToolManifest } from "../../src/contracts/tool.ts";
import { defineTool } from "../../src/define.ts";
import type { CallContext } from "../../src/contracts/call.ts";
import { type ToolCall, type ToolDefinition, ToolError } from "../../src/tools/definition.ts";
import { createEgress } from "../../src/tools/egress.ts";
import { toolGateways } from "../../src/tools/gateway.ts";
import type { CodeTool } from "../../src/tools/terms.ts";
import { CONTEXT, ENV, KeptArtifacts, boundOf, requestFor, untroubled } from "./calls.ts";

type AnyCode = CodeTool<z.ZodType, z.ZodType, Cloudflare.Env>;

function toolOf(terms: Partial<AnyCode>): ToolDefinition {
  return defineTool({
    name: "probe",
    description: "A tool.",
    effect: "irreversible",
    recovery: "key",
    input: z.strictObject({}),
    output: z.unknown(),
    run: () => Promise.resolve(null),
    ...terms,
  });
}

function gatewayOf(...tools: readonly ToolDefinition[]) {
  return toolGateways({ tools, env: ENV, egress: createEgress({ hosts: [] }) })(new KeptArtifacts());
}

function run(tool: ToolDefinition, args = {}, context: Partial<CallContext> = {}): Promise<Attempt> {
  return gatewayOf(tool).execute(requestFor(tool.manifest, args, context), boundOf(tool.manifest));
}

describe("the code of a tool", () => {
  test("gets its arguments as its schema reads them, and its call whole", async () => {
    const calls: ToolCall[] = [];
    const tool = toolOf({
      input: z.object({ n: z.int().default(5), at: z.iso.date() }),
      output: z.object({ double: z.int() }).strip(),
      run: (args, call) => {
        calls.push(call);
        expect(args).toEqual({ n: 5, at: "2026-01-01" });
        return Promise.resolve({ double: 10, more: true });
      },
    });
    expect(await run(tool, { at: "2026-01-01" }, { attempt: 3 })).toEqual({
      kind: "done",
      output: { double: 10 },
    });
    expect(calls).toMatchObject([{ ...CONTEXT, attempt: 3, env: ENV }]);
    expect(calls[0]?.signal.aborted).toBe(false);
  });

  test("is not run for what only its zod schema refuses", async () => {
    const input = z
      .object({ from: z.int(), to: z.int() })
      .refine(({ from, to }) => from < to, "from is before to");
    const tool = toolOf({ input, run: () => Promise.reject(new Error("was run")) });
    const result = await run(tool, { from: 2, to: 1 });
    expect(result).toMatchObject({ kind: "failed", error: { code: "invalid_input" } });
    expect(JSON.stringify(result)).toContain("from is before to");
  });

  test("learns that its time is up", async () => {
    const reasons: unknown[] = [];
    const tool = toolOf({
      timeoutMs: 10,
      run: (_args, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            reasons.push(signal.reason);
            reject(new Error("stopped"));
          });
        }),
    });
    expect(await run(tool)).toMatchObject({ kind: "unknown", error: { code: "timeout" } });
    expect(reasons).toMatchObject([{ name: "TimeoutError" }]);
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["a function", () => 1],
    ["a big integer", 5n],
    ["a circle", circle()],
  ])("that gives back %s was carried out and cannot be read", async (_name, value) => {
    const result = await run(toolOf({ run: () => Promise.resolve(value) }));
    expect(result).toMatchObject({ kind: "failed", error: { code: "output_invalid", retryable: false } });
  });

  test("gives back what JSON makes of it", async () => {
    const output = { at: new Date(0), gone: undefined, n: Number.NaN, list: [undefined] };
    expect(await run(toolOf({ run: () => Promise.resolve(output) }))).toEqual({
      kind: "done",
      output: { at: "1970-01-01T00:00:00.000Z", n: null, list: [null] },
    });
  });

  test.each<[string, unknown]>([
    ["an error", new Error("disk full")],
    ["no error", "disk full"],
    ["nothing", undefined],
  ])("that throws %s leaves a write unknown, and a read to be made again", async (_name, thrown) => {
    const fails = { run: () => rejecting(thrown) };
    const error = { code: "internal", retryable: true };
    expect(await run(toolOf(fails))).toMatchObject({ kind: "unknown", error });
    expect(await run(toolOf({ ...fails, effect: "read" }))).toMatchObject({ kind: "failed", error });
  });

  test("that throws before its promise is no different", async () => {
    const tool = toolOf({
      run: () => {
        throw new Error("at once");
      },
    });
    expect(await run(tool)).toMatchObject({ kind: "unknown", error: { code: "internal" } });
  });

  test.each([
    [new ToolError("unavailable", "later", { retryable: true }), { retryable: true }],
    [new ToolError("unavailable", "later", { retryAfterMs: 1.2 }), { retryable: true, retryAfterMs: 2 }],
    [new ToolError("unavailable", "later", { retryAfterMs: Number.NaN }), { retryable: true }],
    [
      new ToolError("unavailable", "never", { retryable: false, retryAfterMs: 5 }),
      { retryable: false, retryAfterMs: 5 },
    ],
    [new ToolError("invariant_violated", "no"), { retryable: false }],
  ])("says with a ToolError that nothing happened (%#)", async (error, retry) => {
    const result = await run(toolOf({ run: () => Promise.reject(error) }), {}, { inDoubt: true });
    expect(result).toEqual({ kind: "failed", error: { code: error.code, message: error.message, ...retry } });
  });

  test("that lacks a secret did nothing, unless an earlier attempt is in doubt", async () => {
    const tool = toolOf({ run: (_args, call) => Promise.resolve(call.secret("NOT_BOUND")) });
    const error = { code: "unavailable", retryable: false };
    expect(await run(tool)).toMatchObject({ kind: "failed", error });
    expect(await run(tool, {}, { inDoubt: true })).toMatchObject({ kind: "unknown", error });
  });

  test("that tells a long story is cut short", async () => {
    const result = await run(
      toolOf({ run: () => Promise.reject(new ToolError("conflict", "😀".repeat(2_000))) }),
    );
    const { message } = result.kind === "failed" ? result.error : { message: "" };
    expect(message.length).toBeLessThanOrEqual(1_000);
    expect(message.isWellFormed()).toBe(true);
  });
});

describe("a version that a task pins", () => {
  const deployed = toolOf({ run: () => Promise.resolve("deployed") });
  const gateway = gatewayOf(deployed);
  const execute = (manifest: ToolManifest, inDoubt = false) =>
    gateway.execute(requestFor(manifest, {}, { inDoubt }), untroubled());

  test("is served by its own code, beside another version of the same tool", async () => {
    const other = toolOf({ output: z.string(), run: () => Promise.resolve("other") });
    const both = gatewayOf(deployed, other);
    expect(await both.execute(requestFor(deployed.manifest, {}), untroubled())).toMatchObject({
      output: "deployed",
    });
    expect(await both.execute(requestFor(other.manifest, {}), untroubled())).toMatchObject({
      output: "other",
    });
  });

  test("is served by its own code, also where another version means the same", async () => {
    const other = toolOf({ description: "Another.", run: () => Promise.resolve("other") });
    const both = gatewayOf(deployed, other);
    for (const [tool, output] of [
      [deployed, "deployed"],
      [other, "other"],
    ] as const) {
      expect(await both.execute(requestFor(tool.manifest, {}), untroubled())).toMatchObject({ output });
    }
  });

  test("is served by a newer one that means the same to the code", async () => {
    const older = toolOf({
      description: "Another description.",
      mode: "guarded",
      timeoutMs: 77,
      approval: { approver: "ana" },
    });
    expect(older.manifest.version).not.toBe(deployed.manifest.version);
    for (let n = 0; n < 2; n++)
      expect(await execute(older.manifest)).toMatchObject({ kind: "done", output: "deployed" });
  });

  test.each<[string, Partial<AnyCode>]>([
    ["another input", { input: z.object({}) }],
    ["another output", { output: z.string() }],
    ["another effect", { effect: "reversible" }],
    ["another recovery", { recovery: "human" }],
    ["another name", { name: "other" }],
  ])("is not served by one with %s", async (_name, terms) => {
    const { manifest } = toolOf(terms);
    const error = { code: "unavailable", retryable: false };
    expect(await execute(manifest)).toMatchObject({ kind: "failed", error });
    expect(await execute(manifest, true)).toMatchObject({ kind: "unknown", error });
    expect(await gateway.readBack(requestFor(manifest, {}), untroubled())).toMatchObject({
      kind: "untold",
      error,
    });
  });

  test("is not served by a definition without code", async () => {
    const bare = gatewayOf({ manifest: deployed.manifest });
    expect(await bare.execute(requestFor(deployed.manifest, {}), untroubled())).toMatchObject({
      kind: "failed",
    });
  });
});

test("a gateway that breaks says of a write only that nothing is known", async () => {
  const tool = toolOf({});
  const broken = {
    ...requestFor(tool.manifest, {}),
    tool: { ...tool.manifest, executor: undefined as never },
  };
  expect(await gatewayOf(tool).execute(broken, untroubled())).toMatchObject({
    kind: "unknown",
    error: { code: "internal" },
  });
  expect(await gatewayOf(tool).readBack(broken, untroubled())).toMatchObject({
    kind: "untold",
    error: { code: "internal" },
  });
});

async function rejecting(reason: unknown): Promise<never> {
  throw reason;
}

function circle(): unknown {
  const value: { self?: unknown } = {};
  value.self = value;
  return value;
}

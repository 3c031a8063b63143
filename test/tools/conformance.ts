import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Attempt, Finding } from "../../src/contracts/outcome.ts";
import { sha256 } from "../../src/hash.ts";
import type { ArtifactStore, ToolGateway } from "../../src/ports.ts";
import type { ToolDefinition } from "../../src/tools/definition.ts";
import { type Behaviour, type Declared, LARGE_LENGTH, LIMIT_RETRY_AFTER_S } from "./behaviours.ts";
import { KeptArtifacts, SECRET, boundOf, requestFor } from "./calls.ts";

/** One executor, with a tool of its kind that does as its arguments say (`behaviours.ts`). */
export interface ExecutorUnderTest {
  readonly declare: (declared: Declared) => ToolDefinition;
  readonly gateway: (tools: readonly ToolDefinition[], artifacts: ArtifactStore) => ToolGateway;
  /** How often the tool was reached by a call with this idempotency key. */
  readonly reached: (key: string) => number;
  readonly close: () => Promise<void>;
}

const READ: Declared = { effect: "read", timeoutMs: 5_000 };
const WRITE: Declared = { effect: "irreversible", recovery: "key", timeoutMs: 5_000 };
const SHORT_MS = 150;

/** What every executor does behind the gateway (ports.ts: never rejects, ends in time, validates and bounds its result). */
export function executorConformance(name: string, setUp: () => Promise<ExecutorUnderTest>): void {
  describe(`the executor ${name}`, () => {
    const bench = new Bench(name);
    beforeAll(async () => bench.open(await setUp()));
    afterAll(() => bench.executor.close());
    describeResults(bench);
    describeFailures(bench);
    describeCancellation(bench);
    describeSecrecy(bench);
    describeReadBack(bench);
  });
}

interface Given {
  readonly signal?: AbortSignal;
  readonly artifacts?: ArtifactStore;
  readonly attempt?: number;
  readonly inDoubt?: boolean;
  readonly id?: string;
  readonly say?: string;
}

class Bench {
  readonly #name: string;
  #executor: ExecutorUnderTest | null = null;
  #calls = 0;

  constructor(name: string) {
    this.#name = name;
  }

  open(executor: ExecutorUnderTest): void {
    this.#executor = executor;
  }

  get executor(): ExecutorUnderTest {
    if (this.#executor === null) throw new Error("The executor is not set up.");
    return this.#executor;
  }

  freshId(): string {
    return `${this.#name}-${this.#calls++}`;
  }

  async attempt(declared: Declared, behave: Behaviour, given: Given = {}): Promise<Attempt> {
    const definition = this.executor.declare(declared);
    const gateway = this.executor.gateway([definition], given.artifacts ?? new KeptArtifacts());
    const { id = this.freshId(), attempt = 1, inDoubt = false } = given;
    const request = requestFor(
      definition.manifest,
      { behave, say: given.say ?? "hello" },
      { id, attempt, inDoubt },
    );
    return Attempt.parse(await gateway.execute(request, given.signal ?? boundOf(definition.manifest)));
  }

  async readBack(declared: Declared, behave: Behaviour): Promise<Finding> {
    const definition = this.executor.declare(declared);
    const gateway = this.executor.gateway([definition], new KeptArtifacts());
    const request = requestFor(definition.manifest, { behave, say: "hello" }, { attempt: 2, inDoubt: true });
    return Finding.parse(await gateway.readBack(request, boundOf(definition.manifest)));
  }
}

function describeResults(bench: Bench): void {
  test("an answer that fits is the result", async () => {
    const said = { kind: "done", output: { said: "hello" } };
    expect(await bench.attempt(READ, "answer")).toEqual(said);
    expect(await bench.attempt(WRITE, "answer")).toEqual(said);
  });

  test("arguments that do not fit never reach the tool", async () => {
    const id = bench.freshId();
    const result = await bench.attempt(WRITE, "answer", { id, say: "x".repeat(101) });
    expect(result).toMatchObject({ kind: "failed", error: { code: "invalid_input", retryable: false } });
    expect(bench.executor.reached(id)).toBe(0);
  });

  test("a large result is kept by its hash, and told by its beginning", async () => {
    const artifacts = new KeptArtifacts();
    const result = await bench.attempt(READ, "large", { artifacts });
    const text = JSON.stringify({ said: "x".repeat(LARGE_LENGTH) });
    const artifact = { sha256: sha256(text), bytes: text.length, preview: text.slice(0, 2_000) };
    const output = { artifact: artifact.sha256, bytes: artifact.bytes, preview: artifact.preview };
    expect(result).toEqual({ kind: "done", output, artifact });
    expect([...artifacts.texts]).toEqual([[artifact.sha256, text]]);
  });

  test("a large result that cannot be kept was still an effect of a write", async () => {
    const artifacts = { put: () => Promise.reject(new Error("full")) };
    expect(await bench.attempt(READ, "large", { artifacts })).toMatchObject({
      kind: "failed",
      error: { retryable: true },
    });
    expect(await bench.attempt(WRITE, "large", { artifacts })).toMatchObject({ kind: "unknown" });
  });

  test.each<Behaviour>(["oversize", "misfit", "unsafe", "surrogate"])(
    "a result that cannot be read (%s) is final, and says of a write that it was carried out",
    async (behave) => {
      const unreadable = { kind: "failed", error: { code: "output_invalid", retryable: false } };
      expect(await bench.attempt(READ, behave)).toMatchObject(unreadable);
      const write = await bench.attempt(WRITE, behave);
      expect(write).toMatchObject(unreadable);
      expect(messageOf(write)).toMatch(/^The call was carried out; do not repeat it\./);
    },
  );
}

function describeFailures(bench: Bench): void {
  test("a tool that says no is a definite failure with its code", async () => {
    const refused = { kind: "failed", error: { code: "conflict", retryable: false } };
    expect(await bench.attempt(READ, "refuse")).toMatchObject(refused);
    const write = await bench.attempt(WRITE, "refuse");
    expect(write).toMatchObject(refused);
    expect(messageOf(write)).toContain("not like this");
  });

  test("a tool that asks for patience is retried as late as it asks", async () => {
    const error = { code: "rate_limited", retryable: true, retryAfterMs: LIMIT_RETRY_AFTER_S * 1_000 };
    expect(await bench.attempt(WRITE, "limit")).toMatchObject({ kind: "failed", error });
  });

  test("a tool that breaks off leaves a read to be made again, and a write unknown", async () => {
    const error = { retryable: true };
    expect(await bench.attempt(READ, "break")).toMatchObject({ kind: "failed", error });
    expect(await bench.attempt(WRITE, "break")).toMatchObject({ kind: "unknown", error });
  });

  test("a tool that never answers ends at its deadline", async () => {
    const startedMs = performance.now();
    const error = { code: "timeout", retryable: true };
    const read = await bench.attempt({ ...READ, timeoutMs: SHORT_MS }, "hang");
    const write = await bench.attempt({ ...WRITE, timeoutMs: SHORT_MS }, "hang");
    expect(performance.now() - startedMs).toBeLessThan(20 * SHORT_MS);
    expect(read).toMatchObject({ kind: "failed", error });
    expect(write).toMatchObject({ kind: "unknown", error });
  });

  test("every attempt carries the call's own key", async () => {
    const id = bench.freshId();
    await bench.attempt(WRITE, "answer", { id, attempt: 1 });
    await bench.attempt(WRITE, "answer", { id, attempt: 2 });
    expect(bench.executor.reached(id)).toBe(2);
  });
}

function describeCancellation(bench: Bench): void {
  test.each([
    ["a read", READ, "failed"],
    ["a write", WRITE, "unknown"],
  ] as const)(
    "%s that is canceled ends soon, also in a tool that never answers",
    async (_name, declared, kind) => {
      const controller = new AbortController();
      const id = bench.freshId();
      const result = bench.attempt(declared, "hang", { signal: controller.signal, id });
      await expect.poll(() => bench.executor.reached(id), { timeout: 4_000 }).toBe(1);
      controller.abort();
      expect(await result).toMatchObject({ kind, error: { code: "canceled", retryable: false } });
    },
  );

  test("a call canceled before it left did not happen, unless an earlier attempt is in doubt", async () => {
    const given = { id: bench.freshId(), signal: AbortSignal.abort() };
    const error = { code: "canceled" };
    expect(await bench.attempt(WRITE, "answer", given)).toMatchObject({ kind: "failed", error });
    expect(await bench.attempt(WRITE, "answer", { ...given, inDoubt: true })).toMatchObject({
      kind: "unknown",
      error,
    });
    expect(bench.executor.reached(given.id)).toBe(0);
  });
}

function describeSecrecy(bench: Bench): void {
  test("secrets are in no result and in no message", async () => {
    expect(await bench.attempt(READ, "leak")).toEqual({
      kind: "done",
      output: { said: "the token is [secret]" },
    });
    const refused = await bench.attempt(READ, "leakError");
    expect(refused.kind).toBe("failed");
    expect(JSON.stringify(refused)).not.toContain(SECRET);
    expect(messageOf(refused)).toContain("[secret]");
  });

  test("no part of a secret is left where a message is cut", async () => {
    const refused = await bench.attempt(READ, "leakAcross");
    expect(messageOf(refused)).toContain("xxx");
    expect(messageOf(refused)).not.toContain(SECRET.slice(0, 6));
  });
}

function describeReadBack(bench: Bench): void {
  const READABLE: Declared = { effect: "irreversible", recovery: "read", timeoutMs: SHORT_MS };

  test("read back, a write that took effect is found with its result", async () => {
    expect(await bench.readBack(READABLE, "answer")).toEqual({ kind: "happened", output: { said: "hello" } });
  });

  test("read back, a write that did not is found absent", async () => {
    expect(await bench.readBack(READABLE, "never")).toEqual({ kind: "absent" });
  });

  test.each<[Behaviour, string, boolean]>([
    ["hang", "timeout", true],
    ["misfit", "output_invalid", false],
    ["limit", "rate_limited", true],
    ["leakError", "invalid_input", false],
  ])("read back, where it cannot be told (%s), it says so", async (behave, code, retryable) => {
    const found = await bench.readBack(READABLE, behave);
    expect(found).toMatchObject({ kind: "untold", error: { code, retryable } });
    expect(JSON.stringify(found)).not.toContain(SECRET);
    expect(JSON.stringify(found)).not.toContain("carried out");
  });

  test("a tool that declares no way to be read back cannot tell", async () => {
    expect(await bench.readBack(WRITE, "answer")).toMatchObject({
      kind: "untold",
      error: { code: "unavailable" },
    });
  });
}

function messageOf(attempt: Attempt): string {
  return attempt.kind === "done" ? "" : attempt.error.message;
}

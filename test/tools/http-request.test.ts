import { describe, expect, test } from "vitest";
import { createEgress } from "../../src/tools/egress.ts";
import { retryAfterMs } from "../../src/tools/http-status.ts";
import { CONTEXT, SECRET } from "./calls.ts";
import { ARGS, DONE, messageOf, useHttpBench } from "./http-bench.ts";
import { sendJson } from "./http-probe.ts";

const bench = useHttpBench();

describe("a request", () => {
  test("carries its key, task, correlation and trace, and its secret", async () => {
    expect(await bench.call({ write: true })).toEqual(DONE);
    const [request] = bench.seen;
    expect(request).toMatchObject({ method: "POST", url: "/tool", body: JSON.stringify(ARGS) });
    expect(request?.headers).toMatchObject({
      "idempotency-key": CONTEXT.id,
      "x-countersign-task": CONTEXT.task,
      "x-correlation-id": CONTEXT.correlationId,
      traceparent: CONTEXT.traceparent,
      authorization: SECRET,
      "content-type": "application/json",
      accept: "application/json",
    });
  });

  test("carries the fences of what it has to itself, and none where it has nothing", async () => {
    await bench.call({ write: true, context: { fences: { order: 12, customer: 3 } } });
    await bench.call({ write: true });
    expect(bench.seen.map(({ headers }) => headers["x-countersign-fence"])).toEqual([
      "order=12, customer=3",
      undefined,
    ]);
  });

  test.each(["PUT", "PATCH", "DELETE"] as const)("by %s carries its arguments as a body", async (method) => {
    expect(await bench.call({ write: true, method })).toEqual(DONE);
    expect(bench.seen).toMatchObject([{ method, body: JSON.stringify(ARGS) }]);
  });

  test("by GET carries its arguments in the query, beside what stands there", async () => {
    expect(await bench.call({ method: "GET", path: "/tool?v=1" })).toEqual(DONE);
    expect(bench.seen).toMatchObject([
      { method: "GET", url: "/tool?v=1&text=a%26b&list=%5B1%2C2%5D&n=5", body: "" },
    ]);
  });

  test("goes by the proxy where there is one", async () => {
    const urls: string[] = [];
    const send = (request: Request): Promise<Response> => {
      urls.push(request.url);
      return Promise.resolve(Response.json({ by: "proxy" }));
    };
    expect(await bench.call({ options: { send } })).toEqual({ kind: "done", output: { by: "proxy" } });
    expect(urls).toEqual([`${bench.origin}/tool`]);
    expect(bench.seen).toEqual([]);
  });

  test("that may not leave is not sent", async () => {
    const options = { egress: createEgress({ hosts: ["api.example.com"] }) };
    const error = { code: "refused_by_policy", retryable: false };
    expect(await bench.call({ write: true, options })).toMatchObject({ kind: "failed", error });
    expect(await bench.call({ write: true, options, context: { inDoubt: true } })).toMatchObject({
      kind: "unknown",
      error,
    });
    expect(bench.seen).toEqual([]);
  });

  test("whose secret is not bound is not sent", async () => {
    const result = await bench.call({ write: true, secretHeaders: { "x-key": "NOT_BOUND" } });
    expect(result).toMatchObject({ kind: "failed", error: { code: "unavailable" } });
    expect(bench.seen).toEqual([]);
  });

  test("that cannot be written down is not sent", async () => {
    const result = await bench.call({ write: true, context: { correlationId: "two\nlines" } });
    expect(result).toMatchObject({ kind: "failed", error: { code: "internal" } });
    expect(bench.seen).toEqual([]);
  });
});

describe("a status", () => {
  type Row = readonly [number, "failed" | "unknown", string, boolean];
  const OF_A_WRITE: readonly Row[] = [
    [400, "failed", "invalid_input", false],
    [401, "failed", "unavailable", false],
    [403, "failed", "unavailable", false],
    [404, "failed", "not_found", false],
    [405, "failed", "unavailable", false],
    [408, "unknown", "timeout", true],
    [409, "failed", "conflict", false],
    [410, "failed", "not_found", false],
    [412, "failed", "precondition_failed", false],
    [413, "failed", "invalid_input", false],
    [418, "failed", "unavailable", false],
    [422, "failed", "invalid_input", false],
    [423, "failed", "conflict", true],
    [425, "failed", "unavailable", true],
    [428, "failed", "precondition_failed", false],
    [429, "failed", "rate_limited", true],
    [500, "unknown", "unavailable", true],
    [501, "unknown", "unavailable", false],
    [502, "unknown", "unavailable", true],
    [503, "unknown", "unavailable", true],
    [504, "unknown", "timeout", true],
    [304, "unknown", "unavailable", true],
  ];

  test.each(OF_A_WRITE)("%i of a write is %s, %s", async (status, kind, code, retryable) => {
    bench.answerWith(status);
    expect(await bench.call({ write: true })).toMatchObject({ kind, error: { code, retryable } });
  });

  test.each(OF_A_WRITE)(
    "%i of a read is a failure with the same code",
    async (status, _kind, code, retryable) => {
      bench.answerWith(status);
      expect(await bench.call()).toMatchObject({ kind: "failed", error: { code, retryable } });
    },
  );

  test.each([401, 403, 405, 409, 423, 425, 429])(
    "%i says nothing of an earlier attempt that is in doubt",
    async (status) => {
      bench.answerWith(status);
      expect(await bench.call({ write: true, context: { inDoubt: true } })).toMatchObject({
        kind: "unknown",
      });
      expect(await bench.call({ context: { inDoubt: true } })).toMatchObject({ kind: "failed" });
    },
  );

  test.each([400, 404, 410, 412, 422])("%i is the tool's word for every attempt", async (status) => {
    bench.answerWith(status);
    expect(await bench.call({ write: true, context: { inDoubt: true } })).toMatchObject({ kind: "failed" });
  });

  test("is told with the beginning of what the tool wrote", async () => {
    bench.handle = (_request, response) => sendJson(response, 422, `no: ${"x".repeat(3_000)}`);
    const message = messageOf(await bench.call());
    expect(message).toContain("422: no: xxx");
    expect(message.length).toBeLessThan(600);
    bench.handle = (_request, response) => sendJson(response, 422, "y".repeat(5_000));
    expect(messageOf(await bench.call())).toBe("The tool answered with status 422.");
  });

  test("503 says how long to wait, at most a day", async () => {
    bench.handle = (_request, response) => sendJson(response, 503, "", { "retry-after": "7" });
    expect(await bench.call({ write: true })).toMatchObject({
      kind: "unknown",
      error: { retryAfterMs: 7_000 },
    });
    bench.handle = (_request, response) => sendJson(response, 503, "", { "retry-after": "99999999" });
    expect(await bench.call()).toMatchObject({ kind: "failed", error: { retryAfterMs: 86_400_000 } });
  });

  test.each([
    ["3", 3_000],
    [" 0 ", 0],
    ["Fri, 21 Nov 2025 10:00:05 GMT", 5_000],
    ["Fri, 21 Nov 2025 09:00:00 GMT", 0],
    ["soon", undefined],
    ["-1", undefined],
    [null, undefined],
  ])("Retry-After: %s", (header, ms) => {
    expect(retryAfterMs(header, Date.parse("2025-11-21T10:00:00Z"))).toBe(ms);
  });
});

import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HttpBench } from "./http-bench.ts";
import { LoopbackServer } from "./http-probe.ts";

let bench: HttpBench;
beforeAll(async () => {
  bench = await HttpBench.start();
});
afterAll(() => bench.close());
beforeEach(() => bench.reset());

describe("a body", () => {
  test("that is empty is null", async () => {
    bench.handle = (_request, response) => void response.writeHead(204).end();
    expect(await bench.call()).toEqual({ kind: "done", output: null });
  });

  test.each<[string, Uint8Array | string, Record<string, string>]>([
    ["no JSON", "<html>", {}],
    ["half a JSON", '{"a":', {}],
    ["a duplicate key", '{"a":1,"a":2}', {}],
    ["no UTF-8", Uint8Array.of(0x22, 0xff, 0x22), {}],
    ["announced as too large", " ".repeat(2_000_000), { "content-length": "2000000" }],
    ["too large once it is unpacked", gzipSync(`"${"x".repeat(2_000_000)}"`), { "content-encoding": "gzip" }],
  ])("with %s cannot be read", async (_name, body, headers) => {
    bench.handle = (_request, response) => void response.writeHead(200, headers).end(body);
    expect(await bench.call({ write: true })).toMatchObject({
      kind: "failed",
      error: { code: "output_invalid" },
    });
  });

  test("that breaks off leaves a write unknown", async () => {
    bench.handle = (_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write('{"a":1', () => void response.destroy());
    };
    expect(await bench.call({ write: true })).toMatchObject({
      kind: "unknown",
      error: { code: "unavailable", retryable: true },
    });
    expect(await bench.call()).toMatchObject({
      kind: "failed",
      error: { code: "unavailable", retryable: true },
    });
  });

  test("that never ends is cut off at the deadline, and its connection with it", async () => {
    const closed = Promise.withResolvers<void>();
    bench.handle = (_request, response) => {
      response.writeHead(200);
      response.write('{"a":');
      response.on("close", () => closed.resolve());
    };
    expect(await bench.call({ write: true, timeoutMs: 100 })).toMatchObject({
      kind: "unknown",
      error: { code: "timeout" },
    });
    await closed.promise;
  });

  test("that comes without end is let go of at its limit", async () => {
    const closed = Promise.withResolvers<void>();
    const block = "x".repeat(65_536);
    bench.handle = (_request, response) => {
      response.writeHead(200);
      const pour = (): void => {
        while (!response.destroyed && response.write(block));
      };
      response.on("drain", pour).on("close", () => closed.resolve());
      pour();
    };
    expect(await bench.call()).toMatchObject({ kind: "failed", error: { code: "output_invalid" } });
    await closed.promise;
  });
});

describe("a connection", () => {
  test("that is refused leaves a write unknown", async () => {
    const gone = await LoopbackServer.start(() => undefined);
    await gone.close();
    const error = { code: "unavailable", retryable: true };
    expect(await bench.call({ write: true, path: `${gone.origin}/` })).toMatchObject({
      kind: "unknown",
      error,
    });
    expect(await bench.call({ path: `${gone.origin}/` })).toMatchObject({ kind: "failed", error });
  });
});

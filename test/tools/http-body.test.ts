import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { useHttpBench } from "./http-bench.ts";
import { LoopbackServer } from "./http-probe.ts";

const bench = useHttpBench();

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
    bench.breakOff();
    const error = { code: "unavailable", retryable: true };
    expect(await bench.call({ write: true })).toMatchObject({ kind: "unknown", error });
    expect(await bench.call()).toMatchObject({ kind: "failed", error });
  });

  test("that never ends is cut off at the deadline, and its connection with it", async () => {
    const hungUp = bench.beginOnly();
    const result = await bench.call({ write: true, timeoutMs: 100 });
    expect(result).toMatchObject({ kind: "unknown", error: { code: "timeout" } });
    await hungUp;
  });

  test("that comes without end is let go of at its limit", async () => {
    const hungUp = bench.pour();
    expect(await bench.call()).toMatchObject({ kind: "failed", error: { code: "output_invalid" } });
    await hungUp;
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

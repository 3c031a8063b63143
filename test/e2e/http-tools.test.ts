import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Attempt, Finding } from "../../src/contracts/outcome.ts";
import type { ToolRequest } from "../../src/contracts/call.ts";
import type { ArtifactStore, ToolGateway } from "../../src/ports.ts";
import { isTimeout } from "../../src/until-aborted.ts";
import { buildWorker } from "../harness/build-worker.ts";
import { type RunningMiniflare, startMiniflare } from "../harness/miniflare.ts";
import { KeptArtifacts, SECRET } from "../tools/calls.ts";
import { executorConformance } from "../tools/conformance.ts";
import { ARGS, DONE, useHttpBench } from "../tools/http-bench.ts";
import { type Handler, httpProbe } from "../tools/http-probe.ts";
import { Done, type Order } from "./http-tools/order.ts";

const FIXTURE = join(import.meta.dirname, "http-tools");

const folder = mkdtempSync(join(tmpdir(), "countersign-http-tools-"));
let miniflare: RunningMiniflare;
let gateway: ToolGateway;
const bench = useHttpBench();
const elsewhere = useHttpBench();

beforeAll(async () => {
  const config = join(FIXTURE, "wrangler.toml");
  const script = await buildWorker({
    entry: join(FIXTURE, "main.ts"),
    outDir: join(folder, "out"),
    config,
  });
  const workers = [{ name: "http-tools", script, config }];
  miniflare = await startMiniflare({ stateDir: join(folder, "state"), workers });
  gateway = gatewayAt(miniflare.url("http-tools"), new KeptArtifacts());
});
afterAll(async () => {
  await miniflare.stop();
  rmSync(folder, { recursive: true, force: true });
});

executorConformance("http in workerd", async () => {
  const probe = await httpProbe();
  return { ...probe, gateway: (_tools, artifacts) => gatewayAt(miniflare.url("http-tools"), artifacts) };
});

describe("in workerd, where fetch is another", () => {
  const redirectTo =
    (status: number, location: string): Handler =>
    (_request, response) =>
      void response.writeHead(status, { location }).end();

  test("a redirect to another origin is followed by hand, and leaves the credentials behind", async () => {
    bench.handle = redirectTo(307, `${elsewhere.origin}/there`);
    expect(await bench.call({ gateway, write: true })).toEqual(DONE);
    expect(bench.seen[0]?.headers["authorization"]).toBe(SECRET);
    expect(elsewhere.seen).toMatchObject([{ method: "POST", url: "/there", body: JSON.stringify(ARGS) }]);
    expect(JSON.stringify(elsewhere.seen)).not.toContain(SECRET);
  });

  test.each(["https://example.com/", "http://10.0.0.1/"])("a redirect to %s is refused", async (location) => {
    bench.handle = redirectTo(307, location);
    const error = { code: "refused_by_policy" };
    expect(await bench.call({ gateway, write: true })).toMatchObject({ kind: "failed", error });
  });

  test("a body that never ends is cut off at the deadline, and its connection with it", async () => {
    const hungUp = bench.beginOnly();
    const error = { code: "timeout" };
    expect(await bench.call({ gateway, write: true, timeoutMs: 200 })).toMatchObject({
      kind: "unknown",
      error,
    });
    await hungUp;
  });

  test("a body that comes without end is let go of at its limit", async () => {
    const hungUp = bench.pour();
    const error = { code: "output_invalid" };
    expect(await bench.call({ gateway })).toMatchObject({ kind: "failed", error });
    await hungUp;
  });

  test("a body that breaks off leaves a write unknown", async () => {
    bench.breakOff();
    const error = { code: "unavailable" };
    expect(await bench.call({ gateway, write: true })).toMatchObject({ kind: "unknown", error });
  });

  test("a body that is large once it is unpacked cannot be read", async () => {
    const body = gzipSync(`"${"x".repeat(2_000_000)}"`);
    bench.handle = (_request, response) =>
      void response.writeHead(200, { "content-encoding": "gzip" }).end(body);
    expect(await bench.call({ gateway })).toMatchObject({
      kind: "failed",
      error: { code: "output_invalid" },
    });
  });

  test("a host that is not listed is not called, though loopback is open", async () => {
    const error = { code: "refused_by_policy" };
    expect(await bench.call({ gateway, path: "https://example.com/tool" })).toMatchObject({
      kind: "failed",
      error,
    });
  });
});

/** The gateway of an object in workerd, as if it were here. */
function gatewayAt(origin: URL, artifacts: ArtifactStore): ToolGateway {
  const make = async (what: Order["what"], request: ToolRequest, signal: AbortSignal): Promise<unknown> => {
    const storeFails = !(artifacts instanceof KeptArtifacts);
    const order: Order = { what, request: { ...request }, aborted: signal.aborted, storeFails };
    // Time-outs are kept over there, as an object keeps them.
    const cancel = (): void => {
      if (!isTimeout(signal.reason)) void fetch(new URL(`/cancel?id=${request.context.id}`, origin));
    };
    signal.addEventListener("abort", cancel, { once: true });
    const response = await fetch(new URL("/call", origin), { method: "POST", body: JSON.stringify(order) });
    const done = Done.parse(await response.json());
    for (const [hash, text] of done.artifacts) await artifacts.put(request.context, hash, text);
    return done.result;
  };
  return {
    execute: async (request, signal) => Attempt.parse(await make("execute", request, signal)),
    readBack: async (request, signal) => Finding.parse(await make("readBack", request, signal)),
  };
}

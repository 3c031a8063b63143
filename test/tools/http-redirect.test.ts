import { describe, expect, test } from "vitest";
import { createEgress } from "../../src/tools/egress.ts";
import { CONTEXT, SECRET } from "./calls.ts";
import { ARGS, DONE, useHttpBench } from "./http-bench.ts";
import { type Handler, sendJson } from "./http-probe.ts";

const bench = useHttpBench();
const elsewhere = useHttpBench();

describe("a redirect", () => {
  const redirect =
    (status: number, location: string | undefined): Handler =>
    (request, response) => {
      if (!request.url?.startsWith("/tool")) return sendJson(response, 200, { ok: true });
      response.writeHead(status, location === undefined ? {} : { location }).end();
    };

  test.each([307, 308])("by %i passes the same request on", async (status) => {
    bench.handle = redirect(status, "/moved?x=1");
    expect(await bench.call({ write: true })).toEqual(DONE);
    expect(bench.seen[1]).toMatchObject({ method: "POST", url: "/moved?x=1", body: JSON.stringify(ARGS) });
    expect(bench.seen[1]?.headers).toMatchObject({ "idempotency-key": CONTEXT.id, authorization: SECRET });
  });

  test.each([301, 302, 303, 307, 308])("of a GET by %i is followed", async (status) => {
    bench.handle = redirect(status, "moved");
    expect(await bench.call({ method: "GET" })).toEqual(DONE);
    expect(bench.seen.map(({ method, url }) => [method, url?.split("?")[0]])).toEqual([
      ["GET", "/tool"],
      ["GET", "/moved"],
    ]);
  });

  test("by 303 leads from a write to where its result is read", async () => {
    bench.handle = redirect(303, "/result");
    expect(await bench.call({ write: true })).toEqual(DONE);
    expect(bench.seen[1]).toMatchObject({ method: "GET", url: "/result", body: "" });
  });

  test.each([301, 302])("of a write by %i says nothing for sure, and is not followed", async (status) => {
    bench.handle = redirect(status, "/moved");
    expect(await bench.call({ write: true })).toMatchObject({ kind: "unknown" });
    expect(bench.seen).toHaveLength(1);
  });

  test("to another origin leaves the credentials behind", async () => {
    bench.handle = redirect(307, `${elsewhere.origin}/there`);
    expect(
      await bench.call({
        write: true,
        secretHeaders: { authorization: "API_TOKEN", "x-api-key": "API_TOKEN" },
      }),
    ).toEqual(DONE);
    expect(elsewhere.seen).toHaveLength(1);
    expect(elsewhere.seen[0]?.headers).toMatchObject({ "idempotency-key": CONTEXT.id });
    expect(JSON.stringify(elsewhere.seen)).not.toContain(SECRET);
  });

  test("that comes back has no credentials either", async () => {
    bench.handle = redirect(307, `${elsewhere.origin}/there`);
    elsewhere.handle = (_request, response) =>
      void response.writeHead(307, { location: `${bench.origin}/back` }).end();
    expect(await bench.call({ write: true })).toEqual(DONE);
    expect(bench.seen[1]?.url).toBe("/back");
    expect(bench.seen[1]?.headers["authorization"]).toBeUndefined();
  });

  test.each([
    "http://example.com/",
    "https://93.184.216.34/",
    "https://example.com/",
    "file:///etc/passwd",
    "http://user@127.0.0.1/",
  ])("to %s is refused", async (location) => {
    bench.handle = redirect(307, location);
    expect(await bench.call({ write: true })).toMatchObject({
      kind: "failed",
      error: { code: "refused_by_policy" },
    });
  });

  test("to the Worker's own origin is refused", async () => {
    const options = { egress: createEgress({ hosts: [], loopback: true, ownOrigins: [elsewhere.origin] }) };
    bench.handle = redirect(307, `${elsewhere.origin.replace("127.0.0.1", "localhost")}/v1/tasks`);
    expect(await bench.call({ options })).toMatchObject({
      kind: "failed",
      error: { code: "refused_by_policy" },
    });
    expect(elsewhere.seen).toEqual([]);
  });

  test("after a write is done leaves it unknown when its result cannot be had", async () => {
    bench.handle = redirect(303, "https://example.com/");
    expect(await bench.call({ write: true })).toMatchObject({
      kind: "unknown",
      error: { code: "refused_by_policy" },
    });
    bench.handle = (request, response) => {
      if (!request.url?.startsWith("/tool")) return sendJson(response, 404, "");
      response.writeHead(303, { location: "/result" }).end();
    };
    expect(await bench.call({ write: true })).toMatchObject({
      kind: "unknown",
      error: { code: "not_found" },
    });
  });

  test.each([undefined, "http://["])("to nowhere (%s) is a failure", async (location) => {
    bench.handle = redirect(307, location);
    expect(await bench.call()).toMatchObject({ kind: "failed", error: { code: "unavailable" } });
  });

  test("without end is followed five times", async () => {
    bench.handle = (_request, response) => void response.writeHead(307, { location: "/tool" }).end();
    expect(await bench.call({ write: true })).toMatchObject({
      kind: "failed",
      error: { code: "unavailable", retryable: false },
    });
    expect(bench.seen).toHaveLength(6);
  });
});

import { createHash } from "node:crypto";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { type Arrival, Arrivals } from "../../retail/arrivals.ts";
import { plainCanonicalJson, sha256 } from "../../retail/recorded-json.ts";
import { headerOf, readBody, sendJson } from "../../retail/wire.ts";
import { LEDGER_WRITES } from "./ledger-scripts.ts";

/** The only tool that knows its keys. Of the others every arrival takes effect: whoever sends one again does it twice. */
const HONOURS_KEYS = "add_entry";
const WAIT_MS_MIN = 15;
const WAIT_MS_SPREAD = 90;

/**
 * The tools of the project's own tasks: `POST /{tool}` carries a call out, `GET /{tool}` reads back whether the call of a key was.
 * It notes every arrival before it decides anything; `GET /_/arrivals?run=` tells them, in the shape of the retail server.
 */
export function ledgerServer(): Server {
  const arrivals = new Arrivals();
  const server = createServer((request, response) => {
    serve(arrivals, request, response).catch((error: unknown) => {
      console.error("ledger:", error);
      sendJson(response, 500, { error: "internal" });
    });
  });
  server.keepAliveTimeout = 600_000;
  return server;
}

async function serve(arrivals: Arrivals, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://ledger");
  if (url.pathname === "/_/arrivals") {
    const run = url.searchParams.get("run") ?? undefined;
    return sendJson(response, 200, { arrivals: arrivals.arrivals(run), calls: arrivals.calls(run) });
  }
  const tool = url.pathname.slice(1);
  const key = headerOf(request, "idempotency-key");
  const run = headerOf(request, "x-countersign-task");
  if (run === null || key === null) return sendJson(response, 400, { error: "task and key are missing" });
  if (request.method === "GET") return readBack(arrivals, response, { run, key });
  await carryOut(arrivals.note({ run, tool, key, task: run }, Date.now()), arrivals, request, response);
}

function readBack(arrivals: Arrivals, response: ServerResponse, of: { run: string; key: string }): void {
  const call = arrivals.calls(of.run).find(({ key }) => key === of.key);
  if (call === undefined || call.applied === 0) return sendJson(response, 404, { error: "no such call" });
  sendJson(response, 200, { done: of.key });
}

/** Takes effect in the middle of its time, whether or not its sender still lives. */
async function carryOut(
  arrival: Arrival,
  arrivals: Arrivals,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.once("close", () => {
    if (arrival.fate === "open") arrival.fate = "hungUp";
  });
  const body = await readBody(request);
  if (body.kind !== "json") return sendJson(response, 400, { error: "the body is not JSON" });
  arrival.argsDigest = sha256(plainCanonicalJson(body.value));
  await wait(waitMs(arrival, "before"));
  const call = arrivals.callOf(arrival);
  const takesEffect =
    LEDGER_WRITES.has(arrival.tool) && (arrival.tool !== HONOURS_KEYS || call?.applied === 0);
  if (call !== undefined && takesEffect) call.applied += 1;
  await wait(waitMs(arrival, "after"));
  response.once("finish", () => arrivals.answered(arrival, { status: 200, settles: true }, Date.now()));
  sendJson(response, 200, { done: arrival.key });
}

function waitMs({ key, n }: Arrival, when: string): number {
  const roll = createHash("sha256").update(`${key} ${n} ${when}`).digest().readUInt16BE() / 2 ** 16;
  return WAIT_MS_MIN + roll * WAIT_MS_SPREAD;
}

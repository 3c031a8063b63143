import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import type { Arrival, Arrivals } from "./arrivals.ts";
import type { InitialShop } from "./initial-shop.ts";
import { plainCanonicalJson, sha256 } from "./recorded-json.ts";
import type { Rule } from "./rules/rule.ts";
import { RULES } from "./rules/rules.ts";
import { ShopRun } from "./shop-run.ts";
import { RUN_OF_TASK } from "./tools.ts";
import { mishapOf, type Mishap, type Weather } from "./weather.ts";
import { headerOf, readBody, sendJson, type Exchange } from "./wire.ts";

export interface Shop {
  readonly initial: InitialShop;
  readonly runs: Map<string, ShopRun>;
  readonly arrivals: Arrivals;
  weather: Weather;
}

/** An answer that is not a call's result (`settles: false`) leaves its key unused. */
interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly settles: boolean;
}

interface Taken {
  readonly key: string;
  readonly rule: Rule;
  readonly args: unknown;
  readonly argsDigest: string;
}

const Args = z.record(z.string(), z.unknown());

/** `POST /{run}/{tool}`: noted first; then read, delayed, carried out once for its key, and answered, as the weather has it. */
export async function serveCall(
  shop: Shop,
  exchange: Exchange,
  path: { readonly run: string; readonly tool: string },
): Promise<void> {
  const { request, response } = exchange;
  const task = headerOf(request, "x-countersign-task");
  const run = path.run === RUN_OF_TASK ? (task ?? RUN_OF_TASK) : path.run;
  const facts = { run, tool: path.tool, key: headerOf(request, "idempotency-key"), task };
  const arrival = shop.arrivals.note(facts, Date.now());
  response.once("close", () => {
    if (arrival.fate === "open") arrival.fate = "hungUp";
  });
  const taken = await take(arrival, request);
  if (taken === null) return;
  if ("status" in taken) return reply(shop, arrival, response, taken);
  const weather = shop.weather;
  const mishap = mishapNow(shop, arrival, taken.key);
  if (weather.delayMs > 0) await wait(weather.delayMs);
  if (mishap === "refuse") return refuse(arrival, response);
  const settled = settle(shop, arrival, taken);
  if (weather.lateMs > 0) await wait(weather.lateMs);
  if (mishap === "drop") return drop(arrival, response);
  return reply(shop, arrival, response, settled);
}

/** The call as asked for, or the reply to what is no call; null when its sender is gone. */
async function take(arrival: Arrival, request: IncomingMessage): Promise<Taken | Reply | null> {
  const body = await readBody(request);
  if (body.kind === "aborted") return null;
  const rule = RULES.get(arrival.tool);
  if (rule === undefined) return unusable(404, "no such tool");
  if (body.kind === "refused") return unusable(body.status, body.error);
  const args = Args.safeParse(body.value);
  if (!args.success) return unusable(400, "the body is not an object");
  const argsDigest = sha256(plainCanonicalJson(args.data));
  arrival.argsDigest = argsDigest;
  if (arrival.key === null) return unusable(400, "Idempotency-Key is missing");
  if (arrival.run === RUN_OF_TASK) return unusable(400, "x-countersign-task is missing");
  return { key: arrival.key, rule, args: args.data, argsDigest };
}

function unusable(status: number, error: string): Reply {
  return { status, body: { error }, settles: false };
}

function mishapNow(shop: Shop, arrival: Arrival, key: string): Mishap {
  const nth = shop.arrivals.callOf(arrival)?.arrivals ?? 1;
  return mishapOf(shop.weather, { run: arrival.run, key, nth });
}

/** Nothing is awaited here: two arrivals of one call can never both find it unsettled. */
function settle(shop: Shop, arrival: Arrival, taken: Taken): Reply {
  const run = shop.runs.get(arrival.run) ?? new ShopRun(shop.initial);
  shop.runs.set(arrival.run, run);
  const { rule, ...call } = taken;
  const { answer, applied } = run.settle({ ...call, tool: arrival.tool }, rule);
  const facts = shop.arrivals.callOf(arrival);
  if (facts !== undefined && applied) facts.applied += 1;
  return { ...answer, settles: answer.status !== 409 };
}

function refuse(arrival: Arrival, response: ServerResponse): void {
  arrival.fate = "refused";
  arrival.status = 503;
  sendJson(response, 503, { error: "the shop is closed for a moment" });
}

function drop(arrival: Arrival, response: ServerResponse): void {
  arrival.fate = "dropped";
  response.destroy();
}

function reply(shop: Shop, arrival: Arrival, response: ServerResponse, answer: Reply): void {
  response.once("finish", () => shop.arrivals.answered(arrival, answer, Date.now()));
  sendJson(response, answer.status, answer.body);
}

import type { Command } from "../src/core/task/command.ts";
import { modelOf } from "../src/core/task/model-call.ts";
import { servingModel } from "../src/core/task/serving.ts";
import type { TaskState, Unwanted } from "../src/core/task/state.ts";
import type { Working } from "../src/model-ports.ts";
import { inTime } from "./bounded.ts";
import type { Outside } from "./outside.ts";
import type { NotYet } from "./patience.ts";

/** A response is not asked for more often than that, whatever its provider says. */
export const POLL_MS_MIN = 2_000;
/** Providers keep what is done for minutes: it is asked for often enough to be there in time, and soon enough to be of use. */
export const POLL_MS_MAX = 30_000;
/** What is late is late by a small part of the time that it took. */
const POLL_SHARE = 1 / 8;

const WORKING = { stop: "working" } as const;

type BackgroundOutside = Pick<Outside, "background" | "clock" | "timer">;

/** How the response fares that a provider works at for this task; nobody waits for it here. Null when there is none. */
export async function pollModel(
  state: TaskState,
  { background, clock, timer }: BackgroundOutside,
): Promise<Command | NotYet | null> {
  const model = modelOf(state);
  if (model?.progress.at !== "submitted") return null;
  const { response, sinceMs } = model.progress;
  const workedMs = clock.nowMs() - sinceMs;
  if (workedMs < POLL_MS_MIN) return { againInMs: POLL_MS_MIN - workedMs };
  const of = { model: servingModel(state.order, model), response };
  const reply = await inTime(timer, (signal) => background.poll(of, signal)).catch(() => WORKING);
  if (reply.stop === "working") return { againInMs: pollAgainInMs(workedMs, reply) };
  const { id: call, attempt } = model;
  return { type: "modelReplied", call, attempt, reply, latencyMs: clock.nowMs() - sinceMs };
}

/** A response that has had its time is over by itself. Null when its provider cannot be told now. */
export async function dropResponse(
  { provider, response, untilMs }: Unwanted,
  { background, clock, timer }: BackgroundOutside,
): Promise<Command | null> {
  const dropped = { type: "responseDropped", response } as const;
  if (clock.nowMs() >= untilMs) return dropped;
  return await inTime(timer, (signal) => background.drop(provider, response, signal)).then(
    () => dropped,
    () => null,
  );
}

function pollAgainInMs(workedMs: number, { againInMs = 0 }: Working): number {
  const wanted = Math.max(workedMs * POLL_SHARE, againInMs);
  return Math.round(Math.min(POLL_MS_MAX, Math.max(POLL_MS_MIN, wanted)));
}

import { z } from "zod";
import { Weather } from "./weather.ts";

/** How the tests talk to the retail server: every answer is checked for its shape. */
export const CallAnswer = z.union([
  z.strictObject({ result: z.string() }),
  z.strictObject({ error: z.string() }),
]);

const ArrivalView = z.strictObject({
  n: z.int(),
  run: z.string(),
  tool: z.string(),
  key: z.string().nullable(),
  task: z.string().nullable(),
  at: z.number(),
  firstAt: z.number(),
  duplicate: z.boolean(),
  afterSettlement: z.boolean(),
  argsDigest: z.string().nullable(),
  fate: z.enum(["open", "answered", "refused", "dropped", "hungUp"]),
  status: z.int().nullable(),
  respondedAt: z.number().nullable(),
});
export type ArrivalView = Readonly<z.infer<typeof ArrivalView>>;

const CallView = z.strictObject({
  run: z.string(),
  key: z.string(),
  tool: z.string(),
  task: z.string().nullable(),
  firstAt: z.number(),
  respondedAt: z.number().nullable(),
  arrivals: z.int(),
  applied: z.int(),
});
export type CallView = Readonly<z.infer<typeof CallView>>;

const ArrivalsView = z.strictObject({ arrivals: z.array(ArrivalView), calls: z.array(CallView) });
const ChangedView = z.record(z.string(), z.record(z.string(), z.json()));

export interface ToolRequest {
  readonly run: string;
  readonly tool: string;
  readonly args: unknown;
  readonly key: string;
  readonly task?: string;
}

export interface RetailClient {
  readonly origin: string;
  call(
    request: ToolRequest,
    signal?: AbortSignal,
  ): Promise<{ status: number; answer: z.infer<typeof CallAnswer> }>;
  arrivals(run?: string): Promise<z.infer<typeof ArrivalsView>>;
  changed(run: string): Promise<z.infer<typeof ChangedView>>;
  sha256(run: string): Promise<string>;
  /** What is not given is calm again. */
  setWeather(weather: z.input<typeof Weather>): Promise<Weather>;
}

export function retailClient(port: number): RetailClient {
  const origin = `http://127.0.0.1:${port}`;
  const get = async (path: string): Promise<unknown> => (await fetch(`${origin}/_/${path}`)).json();
  return {
    origin,
    async call({ run, tool, args, key, task }, signal) {
      const response = await fetch(`${origin}/${encodeURIComponent(run)}/${tool}`, {
        method: "POST",
        headers: { "idempotency-key": key, ...(task !== undefined && { "x-countersign-task": task }) },
        body: JSON.stringify(args),
        ...(signal && { signal }),
      });
      return { status: response.status, answer: CallAnswer.parse(await response.json()) };
    },
    arrivals: async (run) =>
      ArrivalsView.parse(
        await get(run === undefined ? "arrivals" : `arrivals?run=${encodeURIComponent(run)}`),
      ),
    changed: async (run) => ChangedView.parse(await get(`runs/${encodeURIComponent(run)}/changed`)),
    sha256: async (run) =>
      z.strictObject({ sha256: z.string() }).parse(await get(`runs/${encodeURIComponent(run)}/sha256`))
        .sha256,
    async setWeather(weather) {
      const response = await fetch(`${origin}/_/weather`, { method: "POST", body: JSON.stringify(weather) });
      return Weather.parse(await response.json());
    },
  };
}

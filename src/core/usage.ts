import type { Amounts } from "../contracts/budget.ts";

/** What calls of one model came to. `calls` are attempts that were answered, or are charged as if they were. */
export interface ModelUse {
  readonly calls: number;
  readonly tokens: number;
  readonly costMicroUsd: number;
}

/** Calls of one tool that were settled after they had left, and those of them that ended in an error. */
export interface ToolUse {
  readonly calls: number;
  readonly failed: number;
}

/** What a task used itself, its children's part left out, on one day: by `provider/model` and by the tool's name. */
export interface DayUse {
  readonly models: Readonly<Record<string, ModelUse>>;
  readonly tools: Readonly<Record<string, ToolUse>>;
}

/** By days since 1970-01-01 (UTC). */
export type UsageByDay = Readonly<Record<string, DayUse>>;

const DAY_MS = 86_400_000;
const NO_USE: DayUse = { models: {}, tools: {} };

export function withModelUse(usage: UsageByDay, atMs: number, model: string, used: Amounts): UsageByDay {
  if (used.tokens === 0 && used.costMicroUsd === 0) return usage;
  return onDay(usage, atMs, (day) => {
    const { calls, tokens, costMicroUsd } = day.models[model] ?? { calls: 0, tokens: 0, costMicroUsd: 0 };
    const more = {
      calls: calls + 1,
      tokens: tokens + used.tokens,
      costMicroUsd: costMicroUsd + used.costMicroUsd,
    };
    return { ...day, models: { ...day.models, [model]: more } };
  });
}

export function withToolUse(usage: UsageByDay, atMs: number, tool: string, ok: boolean): UsageByDay {
  return onDay(usage, atMs, (day) => {
    const { calls, failed } = day.tools[tool] ?? { calls: 0, failed: 0 };
    return { ...day, tools: { ...day.tools, [tool]: { calls: calls + 1, failed: failed + (ok ? 0 : 1) } } };
  });
}

function onDay(usage: UsageByDay, atMs: number, change: (day: DayUse) => DayUse): UsageByDay {
  const day = String(Math.floor(atMs / DAY_MS));
  return { ...usage, [day]: change(usage[day] ?? NO_USE) };
}

import type { Calendar } from "../src/core/account.ts";

const DAY_MS = 86_400_000;

/** The day and the month, in UTC. */
export function calendarAt(nowMs: number): Calendar {
  const now = new Date(nowMs);
  const day = now.toISOString().slice(0, 10);
  return {
    day: { key: day, endsAtMs: (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS },
    month: { key: day.slice(0, 7), endsAtMs: Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) },
  };
}

import { fenceName } from "../contracts/tool.ts";
import { valueAt } from "../core/json-pointer.ts";
import { inOrder } from "../core/mutex.ts";
import { canonicalJson, sha256 } from "../hash.ts";
import type { ToolRequest } from "../contracts/call.ts";
import type { MutexDoor } from "./doors.ts";
import type { Guard } from "./guard.ts";
import { type Ground, reached } from "./reach.ts";

/** What a lease has beyond its tool's time-out: the way to the tool and back, and a gateway's time to end. */
const LEASE_SLACK_MS = 10_000;
/** When to ask again for a mutex that cannot be reached. */
const DOWN_MS = 1_000;

/** A lease mostly ends before its time: when to ask again for what is held, at the latest. */
const AGAIN_MS_MAX = 1_000;

/** Where a tenant's mutexes are found. */
export type MutexDoors = (tenant: string, name: string) => MutexDoor;

/** What a call must have to itself. A guard that cannot be reached lets nobody through: two at a time is what it is there against. */
export function mutexesOf(
  { tool, args, context }: ToolRequest,
  doors: MutexDoors,
  ground: Ground,
): readonly Guard[] {
  const fenceNames = new Map<string, readonly string[]>();
  for (const exclusive of tool.exclusive ?? []) {
    const { resource, key } = exclusive;
    const name = sha256(canonicalJson([resource, key === undefined ? null : (valueAt(args, key) ?? null)]));
    fenceNames.set(name, [...(fenceNames.get(name) ?? []), fenceName(exclusive)]);
  }
  return inOrder([...fenceNames.keys()]).map((name) => {
    const leaseMs = tool.timeoutMs + LEASE_SLACK_MS;
    const of = { call: context.id, leaseMs, fenceNames: fenceNames.get(name) ?? [] };
    return mutex(`2 mutex ${name}`, of, { door: () => doors(context.tenant, name), ground });
  });
}

interface Holding {
  readonly call: string;
  readonly leaseMs: number;
  readonly fenceNames: readonly string[];
}

function mutex(
  rank: string,
  { call, leaseMs, fenceNames }: Holding,
  { door, ground }: { readonly door: () => MutexDoor; readonly ground: Ground },
): Guard {
  const release = (fence: number): void => {
    ground.beside(
      door()
        .release(fence)
        .catch(() => undefined),
    );
  };
  return {
    rank,
    enter: async (waitMs) => {
      const answer = await reached(ground, () => door().take(call, { leaseMs, waitMs }), {
        waitMs,
        late: (taken) => taken.taken && release(taken.fence),
      });
      if (answer === null) return { in: false, retryAfterMs: DOWN_MS, down: true };
      if (!answer.taken)
        return { in: false, retryAfterMs: Math.min(answer.freeInMs, AGAIN_MS_MAX), down: false };
      const fences = Object.fromEntries(fenceNames.map((name) => [name, answer.fence]));
      return { in: true, fences, leave: () => release(answer.fence) };
    },
  };
}

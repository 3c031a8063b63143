import type { ClaimedEffect } from "../../../src/ports.ts";
import type { ConsumerDoor } from "../../../src/queue/consumer.ts";
import type { TaskStore } from "../../../src/storage/task-store.ts";

/** The store with one of its methods replaced. */
export function replaced<K extends "append" | "saveSnapshot">(
  store: TaskStore,
  name: K,
  method: TaskStore[K],
): TaskStore {
  return new Proxy(store, {
    get: (target, property): unknown => {
      if (property === name) return method;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** The store, but for rows whose body is not to be kept. */
export function appending(store: TaskStore, keeps: (body: string) => boolean): TaskStore {
  return replaced(store, "append", (row) => (keeps(row.body) ? store.append(row) : undefined));
}

const handedOut = new Map<string, ClaimedEffect>();

/** Forgets that it has handed a call out. */
export function forgetful(door: ConsumerDoor): ConsumerDoor {
  return {
    ...door,
    claim: async (claims) => {
      const claimed = await door.claim(claims);
      for (const effect of claimed) handedOut.set(effect.id, effect);
      return claims.flatMap(({ id }) => handedOut.get(id) ?? []);
    },
  };
}

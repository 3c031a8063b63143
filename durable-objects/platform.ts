import type { Readers } from "../src/ports.ts";
import type { Sql, TaskStore } from "../src/storage/task-store.ts";
import { parseTaskName } from "../src/task-name.ts";
import { familyOf } from "./family.ts";
import type { Outside } from "./outside.ts";
import type { ObjectWiring } from "./task-object.ts";

/** The outside world as a Durable Object has it. */
export function outsideOf(
  ctx: DurableObjectState,
  wiring: ObjectWiring,
  { store, readers }: { readonly store: TaskStore; readonly readers: Readers },
): Outside {
  const { models, background, queue, audit, keys } = wiring;
  return {
    models: models("object"),
    background,
    queue,
    audit,
    rights: keys,
    family: familyOf((tenant, id) => {
      const name = parseTaskName(id);
      const stub = name && wiring.task(tenant, name);
      if (stub === null) throw new TypeError("A task's family has names that cannot be.");
      return stub;
    }),
    tools: wiring.tools({ put: (_of, sha256, text) => store.putArtifact(sha256, text) }, "object"),
    readers,
    health: wiring.health,
    allowances: wiring.allowances,
    ...time,
    alarm: { armedAtMs: () => ctx.storage.getAlarm(), set: (atMs) => void ctx.storage.setAlarm(atMs) },
    salt,
  };
}

export function sqlOf(storage: DurableObjectStorage): Sql {
  return {
    exec: (query, ...bindings) => storage.sql.exec(query, ...bindings),
    transaction: (work) => storage.transactionSync(work),
  };
}

export const time: Pick<Outside, "clock" | "timer"> = {
  clock: { nowMs: () => Date.now() },
  timer: {
    after: (delayMs, due) => {
      const timeout = setTimeout(due, delayMs);
      return () => clearTimeout(timeout);
    },
  },
};

function salt(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}

import { AsyncLocalStorage } from "node:async_hooks";
import { DurableObject } from "cloudflare:workers";
import type { PlatformUse } from "./cost.ts";

/**
 * Counts, inside workerd, what a Worker and its objects use of the platform: rows as the cursors and D1's replies tell, and every
 * call of a binding as it is made. It wraps the methods of what workerd hands out, so the code that is counted is the code that is
 * deployed. All objects of a Worker share its isolate, so one set of counters serves them all. What an object does in its very
 * first invocation before it is known (its constructor) is missed: count after a first task, and reset.
 */
export type Counters = Omit<PlatformUse, "cpuMs">;

const counters = {
  objectRequests: 0,
  objectActiveMs: 0,
  rowsWritten: 0,
  rowsRead: 0,
  d1RowsWritten: 0,
  d1RowsRead: 0,
  queueOperations: 0,
  workerRequests: 0,
} satisfies Record<keyof Counters, number>;

/**
 * An incoming WebSocket message is billed as a twentieth of a request. That a socket was closed is not on the list of what is billed
 * (HTTP requests, RPC sessions, WebSocket messages, alarms); it counts as a message here.
 */
const REQUESTS_PER_MESSAGE = 1 / 20;
const MESSAGES: ReadonlySet<string> = new Set(["webSocketMessage", "webSocketClose", "webSocketError"]);
const BYTES_PER_OPERATION = 65_536;

/** Wraps every method of an object class, those that it inherits too. Call it once, beside the export of the class. */
export function countObject(objectClass: { readonly prototype: object }): void {
  let prototype: unknown = objectClass.prototype;
  while (typeof prototype === "object" && prototype !== null && prototype !== DurableObject.prototype) {
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (name !== "constructor" && typeof property.value === "function") countMethod(prototype, name);
    }
    prototype = Object.getPrototypeOf(prototype);
  }
}

function countMethod(prototype: object, name: string): void {
  const method: unknown = Reflect.get(prototype, name);
  if (typeof method !== "function") return;
  Reflect.set(prototype, name, function (this: object, ...args: unknown[]): unknown {
    return invoke(this, name, () => Reflect.apply(method, this, args));
  });
}

/** Wraps a Worker's handlers, and answers `GET /bench/counters` and `POST /bench/counters` (which resets them). */
export function countWorker<Env extends object, Message>(
  worker: ExportedHandler<Env, Message>,
): ExportedHandler<Env, Message> {
  const { fetch: serve, queue: consume } = worker;
  return {
    ...worker,
    fetch(request, env, ctx) {
      countBindings(env);
      if (new URL(request.url).pathname === "/bench/counters") return tellCounters(request.method);
      counters.workerRequests += 1;
      return serve?.(request, env, ctx) ?? new Response(null, { status: 404 });
    },
    async queue(batch, env, ctx) {
      countBindings(env);
      counters.workerRequests += 1;
      // Each message that is delivered is a read, and, once it is done with, a delete.
      for (const message of batch.messages) counters.queueOperations += 2 * operationsOf(message.body);
      await consume?.(batch, env, ctx);
    },
  };
}

function tellCounters(method: string): Response {
  if (method === "POST") for (const name of Object.keys(counters)) Reflect.set(counters, name, 0);
  return Response.json(counters);
}

const inObject = new AsyncLocalStorage<object>();
const activity = new WeakMap<object, { inside: number; sinceMs: number }>();

/** One invocation of an object from outside. What it calls on itself meanwhile is no request. */
function invoke(object: object, name: string, run: () => unknown): unknown {
  if (inObject.getStore() === object) return run();
  countStorage(object);
  counters.objectRequests += MESSAGES.has(name) ? REQUESTS_PER_MESSAGE : 1;
  const active = activity.get(object) ?? { inside: 0, sinceMs: 0 };
  activity.set(object, active);
  if (active.inside === 0) active.sinceMs = Date.now();
  active.inside += 1;
  const leave = (): void => {
    active.inside -= 1;
    if (active.inside === 0) counters.objectActiveMs += Date.now() - active.sinceMs;
  };
  return settled(() => inObject.run(object, run), leave);
}

/** Runs `run`, and `after` once it has returned, thrown, or settled its promise. */
function settled(run: () => unknown, after: () => void): unknown {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    after();
    throw error;
  }
  if (result instanceof Promise) return result.finally(after);
  after();
  return result;
}

const wrapped = new WeakSet<object>();

/** Calls `seen` with the result and the arguments of every call of a method, wherever objects of that kind come from. */
function observe(
  holder: object,
  method: string,
  seen: (result: unknown, args: readonly unknown[]) => void,
): void {
  const original: unknown = Reflect.get(holder, method);
  if (typeof original !== "function") throw new Error(`There is no ${method} to count.`);
  Reflect.set(holder, method, function (this: unknown, ...args: unknown[]): unknown {
    const result: unknown = Reflect.apply(original, this, args);
    seen(result, args);
    return result;
  });
}

/** Runs `wrap` on the prototype of `value`, once for all values of its kind. */
function once(value: object, wrap: (prototype: object) => void): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== "object" || prototype === null || wrapped.has(prototype)) return;
  wrapped.add(prototype);
  wrap(prototype);
}

function countStorage(object: object): void {
  const context: unknown = Reflect.get(object, "ctx");
  if (typeof context !== "object" || context === null || !("storage" in context)) return;
  const storage = context.storage;
  if (typeof storage !== "object" || storage === null || !("sql" in storage)) return;
  once(storage, (prototype) => observe(prototype, "setAlarm", () => (counters.rowsWritten += 1)));
  if (typeof storage.sql === "object" && storage.sql !== null) {
    once(storage.sql, (prototype) => observe(prototype, "exec", (cursor) => countCursor(cursor)));
  }
}

/** A cursor's figures are complete when it was read to its end: after the synchronous code that asked for it. */
function countCursor(cursor: unknown): void {
  queueMicrotask(() => {
    counters.rowsWritten += numberIn(cursor, "rowsWritten");
    counters.rowsRead += numberIn(cursor, "rowsRead");
  });
}

/** Bindings are told apart by their own prototypes: a service binding claims to have every method there is. */
function countBindings(env: object): void {
  for (const binding of Object.values(env) as unknown[]) {
    if (typeof binding !== "object" || binding === null) continue;
    const prototype: unknown = Object.getPrototypeOf(binding);
    if (typeof prototype !== "object" || prototype === null) continue;
    if (Object.hasOwn(prototype, "sendBatch")) once(binding, countQueue);
    if (Object.hasOwn(prototype, "withSession")) countDatabase(binding);
  }
}

function countDatabase(database: object): void {
  const open: unknown = Reflect.get(database, "withSession");
  const session: unknown = typeof open === "function" ? Reflect.apply(open, database, []) : undefined;
  if (typeof session === "object" && session !== null) once(session, countSession);
}

function countQueue(prototype: object): void {
  observe(prototype, "send", (_result, [body]) => (counters.queueOperations += operationsOf(body)));
  observe(prototype, "sendBatch", (_result, [messages]) => {
    if (!Array.isArray(messages)) throw new Error("A batch is counted only as a list.");
    for (const message of messages as unknown[]) counters.queueOperations += operationsOf(message);
  });
}

/** Every way to query D1 passes here, and here alone the rows of each reply are told. */
function countSession(prototype: object): void {
  observe(prototype, "_send", (sent) => {
    void Promise.resolve(sent).then((replies) => {
      for (const reply of (Array.isArray(replies) ? replies : [replies]) as unknown[]) countReply(reply);
    });
  });
}

function countReply(reply: unknown): void {
  if (typeof reply !== "object" || reply === null || !("meta" in reply)) return;
  counters.d1RowsWritten += numberIn(reply.meta, "rows_written");
  counters.d1RowsRead += numberIn(reply.meta, "rows_read");
}

function operationsOf(body: unknown): number {
  return Math.ceil(JSON.stringify(body).length / BYTES_PER_OPERATION);
}

function numberIn(value: unknown, key: string): number {
  if (typeof value !== "object" || value === null) return 0;
  const found: unknown = Reflect.get(value, key);
  return typeof found === "number" ? found : 0;
}

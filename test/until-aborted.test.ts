import { expect, test, vi } from "vitest";
import { timeIsOver, untilAborted } from "../src/until-aborted.ts";

const forever = (): Promise<never> => new Promise(() => undefined);

test("work that ends in time ends by itself, and leaves nothing behind", async () => {
  const caller = new AbortController();
  const removed = vi.spyOn(caller.signal, "removeEventListener");
  expect(await untilAborted(caller.signal, () => Promise.resolve(5))).toEqual({ by: "itself", value: 5 });
  expect(removed).toHaveBeenCalledOnce();
});

test("work that fails rejects with its own error", async () => {
  const error = new Error("broken");
  await expect(untilAborted(new AbortController().signal, () => Promise.reject(error))).rejects.toBe(error);
});

test("work whose time is over ends by its deadline", async () => {
  const caller = new AbortController();
  const ending = untilAborted(caller.signal, forever);
  caller.abort(timeIsOver());
  expect(await ending).toEqual({ by: "deadline" });
  expect(await untilAborted(AbortSignal.timeout(1), forever)).toEqual({ by: "deadline" });
});

test("work is cut off when its caller aborts, or has aborted before", async () => {
  const caller = new AbortController();
  const ending = untilAborted(caller.signal, forever);
  caller.abort();
  expect(await ending).toEqual({ by: "caller" });
  expect(await untilAborted(caller.signal, forever)).toEqual({ by: "caller" });
});

test("what cut off work brings later troubles nobody", async () => {
  const late = Promise.withResolvers<number>();
  const caller = new AbortController();
  const ending = untilAborted(caller.signal, () => late.promise);
  caller.abort();
  expect(await ending).toEqual({ by: "caller" });
  late.reject(new Error("late"));
  await expect(late.promise).rejects.toThrow("late");
});

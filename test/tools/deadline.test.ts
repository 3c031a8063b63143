import { describe, expect, test, vi } from "vitest";
import { endBefore } from "../../src/tools/deadline.ts";

const forever = (): Promise<never> => new Promise(() => undefined);

describe("endBefore", () => {
  test("work that ends in time ends by itself, and leaves nothing behind", async () => {
    vi.useFakeTimers();
    const caller = new AbortController();
    const removed = vi.spyOn(caller.signal, "removeEventListener");
    expect(await endBefore(1_000, caller.signal, () => Promise.resolve(5))).toEqual({
      by: "itself",
      value: 5,
    });
    expect(vi.getTimerCount()).toBe(0);
    expect(removed).toHaveBeenCalledOnce();
    vi.useRealTimers();
  });

  test("work that fails rejects with its own error", async () => {
    const error = new Error("broken");
    await expect(endBefore(1_000, new AbortController().signal, () => Promise.reject(error))).rejects.toBe(
      error,
    );
  });

  test("work that takes too long is cut off and told so", async () => {
    let seen: AbortSignal | undefined;
    const ended = await endBefore(5, new AbortController().signal, (signal) => {
      seen = signal;
      return forever();
    });
    expect(ended).toEqual({ by: "deadline" });
    expect(seen?.reason).toMatchObject({ name: "TimeoutError" });
  });

  test("work is cut off when its caller aborts, or has aborted before", async () => {
    const caller = new AbortController();
    const ending = endBefore(10_000, caller.signal, forever);
    caller.abort();
    expect(await ending).toEqual({ by: "caller" });
    expect(await endBefore(10_000, caller.signal, forever)).toEqual({ by: "caller" });
  });

  test("what cut off work brings later troubles nobody", async () => {
    const late = Promise.withResolvers<number>();
    const caller = new AbortController();
    const ending = endBefore(10_000, caller.signal, () => late.promise);
    caller.abort();
    expect(await ending).toEqual({ by: "caller" });
    late.reject(new Error("late"));
    await expect(late.promise).rejects.toThrow("late");
  });
});

import { describe, expect, test } from "vitest";
import { KnownTerms, type TermsByPrincipal } from "../../durable-objects/known-terms.ts";
import { Timeline } from "../simulation/timeline.ts";

function capped(tokens: number): TermsByPrincipal {
  return new Map([["", { onLimit: "fail", day: { tokens } }]]);
}

/** What D1 says, reading by reading: at once, so much later, or never. */
function terms(...readings: readonly (() => Promise<TermsByPrincipal>)[]) {
  const timeline = new Timeline();
  const began: number[] = [];
  const beganMs = timeline.nowMs;
  const known = new KnownTerms(
    () => {
      began.push(timeline.nowMs - beganMs);
      const reading = readings[began.length - 1];
      if (reading === undefined) throw new Error("nobody expected another reading");
      return reading();
    },
    { clock: { nowMs: () => timeline.nowMs }, timer: { after: (ms, due) => timeline.after(ms, due) } },
  );
  const says = async (): Promise<number | undefined> => (await known.now()).get("")?.day?.tokens;
  const at = (ms: number, what: () => unknown) => timeline.after(ms, () => void what());
  return { known, says, at, began, timeline };
}

const after = (timeline: Timeline, ms: number, tokens: number) => async () => {
  await timeline.sleep(ms);
  return capped(tokens);
};
const down = async (): Promise<TermsByPrincipal> => {
  throw new Error("D1 is down");
};

describe("what accounts may spend", () => {
  test("is read once for all who ask, and anew after a minute", async () => {
    const { says, at, began, timeline } = terms(
      async () => capped(1),
      async () => capped(2),
    );
    expect(await Promise.all([says(), says(), says()])).toEqual([1, 1, 1]);
    const later: Promise<unknown>[] = [];
    at(59_999, () => later.push(says()));
    at(60_000, () => later.push(says()));
    await timeline.run(100);
    expect(await Promise.all(later)).toEqual([1, 2]);
    expect(began).toEqual([0, 60_000]);
  });

  test("is read anew when it was changed, also while it is being read", async () => {
    const world = terms(
      () => after(world.timeline, 500, 1)(),
      () => after(world.timeline, 100, 2)(),
    );
    const first = world.says();
    const second: Promise<unknown>[] = [];
    world.at(50, () => {
      world.known.changed();
      second.push(world.says());
    });
    world.at(1_000, () => second.push(world.says()));
    await world.timeline.run(100);
    expect(await Promise.all([first, ...second])).toEqual([2, 2, 2]);
    expect(world.began).toEqual([0, 50]);
  });

  test("stays as it was read last while D1 is down or does not answer, and is tried again soon", async () => {
    const world = terms(
      async () => capped(1),
      () => new Promise(() => undefined),
      down,
      async () => capped(4),
    );
    expect(await world.says()).toBe(1);
    const said: unknown[] = [];
    const saysAt = (ms: number) =>
      world.at(ms, async () => said.push([await world.says(), world.timeline.nowMs]));
    const beganMs = world.timeline.nowMs;
    for (const ms of [60_000, 70_000, 80_000, 96_000]) saysAt(ms);
    await world.timeline.run(100);
    expect(said).toEqual([
      [1, beganMs + 65_000],
      [1, beganMs + 70_000],
      [1, beganMs + 80_000],
      [4, beganMs + 96_000],
    ]);
    expect(world.began).toEqual([0, 60_000, 80_000, 96_000]);
  });

  test("is not known before it was read: who asks by then is not answered, and is soon told so", async () => {
    const world = terms(
      () => new Promise(() => undefined),
      down,
      async () => capped(3),
    );
    const first = world.says().catch(String);
    await world.timeline.run(100);
    expect(await first).toBe("Error: no answer in time");
    await expect(world.says()).rejects.toThrow("D1 is down");
    expect(await world.says()).toBe(3);
  });
});

import { beforeEach, describe, expect, test } from "vitest";
import type { Observation } from "../../src/core/health.ts";
import { type ModelHealth, UNSEEN, informed, told } from "../../src/core/model-health.ts";
import { HealthBoard } from "../../src/health/health-board.ts";
import type { HealthDoor } from "../../src/ports.ts";

const A = { provider: "openai", model: "a" } as const;
const B = { provider: "anthropic", model: "b" } as const;

/** The objects that keep health, as any number of isolates reach them. */
class Objects {
  nowMs = 1_700_000_000_000;
  down = false;
  readonly asked: string[] = [];
  readonly #known = new Map<string, ModelHealth>();

  board(): HealthBoard {
    return new HealthBoard((name) => this.#door(name), { nowMs: () => this.nowMs });
  }

  #door(name: string): HealthDoor {
    return {
      report: async (seen, wantsProbe) => {
        this.asked.push(`${name} ${seen.length}`);
        if (this.down) throw new Error("out of reach");
        const known = informed(this.#known.get(name) ?? UNSEEN, seen, this.nowMs);
        const { health, view } = told(known, wantsProbe, this.nowMs);
        this.#known.set(name, health);
        return view;
      },
    };
  }

  /** What is asked beside is answered. */
  async after(ms: number): Promise<void> {
    this.nowMs += ms;
    await new Promise((resolve) => setImmediate(resolve));
  }

  seen(more: Partial<Observation> = {}): Observation {
    return { beganMs: this.nowMs, latencyMs: 10, ...more };
  }
}

let objects: Objects;
let board: HealthBoard;
beforeEach(() => {
  objects = new Objects();
  board = objects.board();
});

/** Enough failed calls for a breaker to open; all of them are told. */
async function fails(of: HealthBoard, tell: (seen: Observation) => void): Promise<void> {
  for (let i = 0; i < 5; i++) tell(objects.seen({ fault: "unavailable" }));
  await objects.after(1_000);
  of.keepUp();
  await objects.after(0);
}

const failing = (of: HealthBoard): Promise<void> => fails(of, (seen) => of.observe(A, seen));
const host = (of: HealthBoard, more: Partial<Observation> = {}): void =>
  of.answered("api.test", objects.seen(more));
const hostFails = async (of: HealthBoard): Promise<void> => {
  for (let i = 0; i < 5; i++) host(of, { fault: "unavailable" });
  await objects.after(1_000);
  host(of, { fault: "unavailable" });
  await objects.after(0);
};

describe("models", () => {
  test("that nobody has told of are well, and are asked about at once, beside", async () => {
    expect(board.of([A, B])).toEqual([{ standing: "well" }, { standing: "well" }]);
    expect(objects.asked).toEqual(["openai/a 0", "anthropic/b 0"]);
  });

  test("are asked about at most once a second, with all that was seen meanwhile", async () => {
    for (let i = 0; i < 300; i++) board.observe(A, objects.seen());
    board.of([A]);
    await objects.after(999);
    board.of([A]);
    expect(objects.asked).toEqual(["openai/a 1"]);
    await objects.after(1);
    board.of([A]);
    // What is more than fits shows nothing new.
    expect(objects.asked).toEqual(["openai/a 1", "openai/a 200"]);
    await objects.after(0);
    expect(board.of([A])).toEqual([{ standing: "well", p95Ms: 10 }]);
  });

  test("that fail in one isolate are out in another within two seconds", async () => {
    const other = objects.board();
    other.of([A, B]);
    await failing(board);
    await objects.after(900);
    other.of([A]);
    await objects.after(0);
    expect(other.of([A, B])).toMatchObject([{ standing: "out" }, { standing: "well" }]);
  });

  test("come back by probes: one a second, which whoever intends it uses up", async () => {
    const other = objects.board();
    board.of([A]);
    await failing(board);
    await objects.after(3_000);
    for (const one of [board, other]) one.of([A]);
    await objects.after(0);
    expect(board.of([A])).toMatchObject([{ standing: "ailing", probe: true }]);
    expect(other.of([A])[0]).not.toHaveProperty("probe");
    board.probed(A);
    expect(board.of([A])[0]).not.toHaveProperty("probe");
    for (let i = 0; i < 3; i++) board.observe(A, objects.seen());
    await objects.after(1_000);
    board.keepUp();
    await objects.after(0);
    expect(board.of([A])).toMatchObject([{ standing: "well" }]);
  });

  test("whose object is out of reach stay as they were known for a minute; what was seen is told later", async () => {
    board.of([A]);
    await failing(board);
    objects.down = true;
    board.observe(A, objects.seen());
    await objects.after(1_000);
    board.of([A]);
    await objects.after(1_000);
    expect(board.of([A])).toMatchObject([{ standing: "out" }]);
    expect(objects.asked.at(-1)).toBe("openai/a 1");
    await objects.after(60_000);
    objects.down = false;
    expect(board.of([A])).toEqual([{ standing: "well" }]);
    expect(objects.asked.at(-1)).toBe("openai/a 1");
  });

  test("are kept up with while they are read, and no longer", async () => {
    board.of([A]);
    board.observe(B, objects.seen());
    await objects.after(1_000);
    board.keepUp();
    expect(objects.asked).toEqual(["openai/a 0", "anthropic/b 1", "openai/a 0"]);
    await objects.after(10_000);
    board.keepUp();
    expect(objects.asked.length).toBe(3);
  });

  test("are late at twice their objective, or far above what is usual", async () => {
    expect([board.lateAfterMs(A, 100), board.lateAfterMs(A, undefined)]).toEqual([200, null]);
    for (let i = 0; i < 20; i++) board.observe(A, objects.seen());
    await objects.after(1_000);
    board.keepUp();
    await objects.after(0);
    expect(board.lateAfterMs(A, undefined)).toBe(40);
  });
});

describe("hosts of tools", () => {
  test("that answer cost nothing", async () => {
    for (let i = 0; i < 500; i++) host(board);
    expect(board.turnsAwayForMs("api.test")).toBeNull();
    expect(objects.asked).toEqual([]);
  });

  test("that fail are turned away from, until they are to be tried", async () => {
    await hostFails(board);
    expect(board.turnsAwayForMs("api.test")).toBe(3_000);
    expect(board.turnsAwayForMs("other.test")).toBeNull();
    await objects.after(3_000);
    // Nobody has leave to try yet; it is asked for beside.
    expect(board.turnsAwayForMs("api.test")).toBe(1_000);
    await objects.after(0);
    expect(board.turnsAwayForMs("api.test")).toBeNull();
    expect(board.turnsAwayForMs("api.test")).toBe(1_000);
    for (let i = 0; i < 3; i++) host(board);
    await objects.after(1_000);
    host(board);
    await objects.after(0);
    expect(board.turnsAwayForMs("api.test")).toBeNull();
  });

  test("are judged with the calls that went well at about the same time, and not with older ones", async () => {
    for (let i = 0; i < 9; i++) host(board);
    await objects.after(5_000);
    host(board);
    host(board, { fault: "timeout" });
    expect(objects.asked).toEqual(["host:api.test 2"]);
  });
});

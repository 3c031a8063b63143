import type { World } from "./world.ts";

/** When one thing outside works and when it does not: spells of a random length, until the world is calm. */
export class Weather {
  readonly #world: World;
  readonly #spells: readonly { readonly fromMs: number; readonly toMs: number }[];

  constructor(
    world: World,
    of: { readonly chance: number; readonly withinMs: number; readonly lastsMs: number },
    random = world.random,
  ) {
    const { timeline } = world;
    this.#world = world;
    const count = random.chance(of.chance) ? random.int(1, 3) : 0;
    this.#spells = Array.from({ length: count }, () => {
      const fromMs = timeline.nowMs + random.int(0, of.withinMs);
      return { fromMs, toMs: fromMs + random.int(1, of.lastsMs) };
    });
  }

  get isDown(): boolean {
    const { nowMs } = this.#world.timeline;
    return !this.#world.isCalm && this.#spells.some(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
  }
}

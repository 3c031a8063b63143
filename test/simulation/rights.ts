import type { Rights } from "../../src/contracts/access.ts";
import type { RightsReader } from "../../src/ports.ts";
import type { RightsOfWorld } from "./checks/calls.ts";
import type { Random } from "./random.ts";
import { APPROVERS } from "./scenario.ts";
import { Weather } from "./weather.ts";
import type { World } from "./world.ts";

/** Who may do what, and since when no longer. Reading it fails at times. */
export class SimulatedRights implements RightsReader, RightsOfWorld {
  readonly #world: World;
  readonly #weather: Weather;
  readonly #keyRevokedAtMs: number;
  readonly #notEntitled: ReadonlyMap<string, { readonly fromMs: number; readonly toMs: number }>;

  constructor(world: World) {
    const { random, timeline } = world;
    this.#world = world;
    this.#weather = new Weather(world, { chance: 0.2, withinMs: 120_000, lastsMs: 20_000 });
    this.#keyRevokedAtMs = random.chance(0.08) ? timeline.nowMs + random.int(0, 60_000) : Infinity;
    this.#notEntitled = new Map(APPROVERS.map((approver) => [approver, spell(random, timeline.nowMs)]));
  }

  async read({ approvers }: Parameters<RightsReader["read"]>[0]): Promise<Rights> {
    const { timeline, random } = this.#world;
    await timeline.sleep(this.#world.networkMs());
    const rights = {
      authorityActive: this.isKeyActive(timeline.nowMs),
      entitledApprovers: approvers.filter((approver) => this.isEntitled(approver, timeline.nowMs)),
    };
    if (this.#weather.isDown || (!this.#world.isCalm && random.chance(0.02)))
      throw new Error("no rights now");
    await timeline.sleep(this.#world.networkMs());
    return rights;
  }

  isKeyActive(atMs: number): boolean {
    return atMs < this.#keyRevokedAtMs;
  }

  isEntitled(approver: string, atMs: number): boolean {
    const gap = this.#notEntitled.get(approver);
    return gap !== undefined && !(gap.fromMs <= atMs && atMs < gap.toMs);
  }

  /** Whether it ever changes that this one may answer. */
  isAlwaysEntitled(approver: string): boolean {
    return this.#notEntitled.get(approver)?.fromMs === Infinity;
  }
}

function spell(random: Random, nowMs: number): { readonly fromMs: number; readonly toMs: number } {
  if (!random.chance(0.15)) return { fromMs: Infinity, toMs: Infinity };
  const fromMs = nowMs + random.int(0, 60_000);
  return { fromMs, toMs: random.chance(0.5) ? Infinity : fromMs + random.int(1, 60_000) };
}

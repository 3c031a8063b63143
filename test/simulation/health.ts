import type { CandidateHealth, Health } from "../../src/contracts/route.ts";
import type { HealthReader, ModelName } from "../../src/model-ports.ts";
import type { Random } from "./random.ts";
import { ROUTED } from "./routes.ts";
import type { World } from "./world.ts";

/** How long after a probe nobody is let through to make another. */
const PROBE_EVERY_MS = 5_000;
const WITHIN_MS = 90_000;

interface Spell extends CandidateHealth {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How the models of routes fare: spells in which one ails, is out, or is slow, until the world is calm. */
export class SimulatedHealth implements HealthReader {
  readonly #world: World;
  readonly #spells: ReadonlyMap<string, readonly Spell[]>;
  readonly #probedAtMs = new Map<string, number>();

  constructor(world: World, random: Random) {
    this.#world = world;
    const { nowMs } = world.timeline;
    this.#spells = new Map(ROUTED.map((model) => [model, makeSpells(random, nowMs)]));
  }

  of(candidates: readonly ModelName[]): Health {
    return candidates.map(({ model }) => this.#healthOf(model));
  }

  probed({ model }: ModelName): void {
    this.#probedAtMs.set(model, this.#world.timeline.nowMs);
  }

  ails(model: string): boolean {
    const { standing } = this.#healthOf(model);
    return standing !== "well";
  }

  #healthOf(model: string): CandidateHealth {
    const { nowMs } = this.#world.timeline;
    const spell = this.#spells.get(model)?.find(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
    if (this.#world.isCalm || spell === undefined) return { standing: "well" };
    const { standing, p95Ms } = spell;
    const isProbed = nowMs < (this.#probedAtMs.get(model) ?? -Infinity) + PROBE_EVERY_MS;
    return {
      standing,
      ...(standing !== "well" && !isProbed && { probe: true }),
      ...(p95Ms !== undefined && { p95Ms }),
    };
  }
}

function makeSpells(random: Random, nowMs: number): readonly Spell[] {
  return Array.from({ length: random.int(0, 4) }, () => {
    const fromMs = nowMs + random.int(0, random.pick([2_000, WITHIN_MS]));
    const toMs = fromMs + random.int(100, random.pick([4_000, WITHIN_MS]));
    const standing = random.pick(["well", "ailing", "out"] as const);
    return {
      fromMs,
      toMs,
      standing,
      ...(random.chance(0.6) && { p95Ms: random.pick([100, 1_000, 20_000]) }),
    };
  });
}

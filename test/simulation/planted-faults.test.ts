import { afterEach, describe, expect, test, vi } from "vitest";
import type { Decide, EffectsOf } from "./faults/amend.ts";
import type * as Rules from "../../src/core/task/decide.ts";
import { ALLOWANCE_FAULTS } from "./faults/allowance-faults.ts";
import { FAMILY_FAULTS } from "./faults/family-faults.ts";
import { FAULTS } from "./faults/faults.ts";
import { JOIN_FAULTS } from "./faults/join-faults.ts";
import { LADDER_FAULTS } from "./faults/ladder-faults.ts";
import { RESPONSE_FAULTS } from "./faults/response-faults.ts";
import { ROUTE_FAULTS } from "./faults/route-faults.ts";
import type * as Effects from "../../src/core/task/effect.ts";
import { simulate } from "./simulate.ts";

const DECIDE = "../../src/core/task/decide.ts";
const EFFECT = "../../src/core/task/effect.ts";
/** Worlds that a planted fault may take to come to light: as many as every run of the tests unrolls. */
const WORLDS_MAX = 1_000;

/** Most take a second; the rarest takes most of those worlds, on a machine that may be busy. */
const MS_MAX = 300_000;

const planted = vi.hoisted((): { decide: Decide | null; effectsOf: EffectsOf | null } => {
  return { decide: null, effectsOf: null };
});

vi.mock("../../src/core/task/decide.ts", async (original) => {
  const real = await original<typeof Rules>();
  const decide: Decide = (...asked) => (planted.decide ?? real.decide)(...asked);
  return { ...real, decide };
});

vi.mock("../../src/core/task/effect.ts", async (original) => {
  const real = await original<typeof Effects>();
  const effectsOf: EffectsOf = (state) => (planted.effectsOf ?? real.effectsOf)(state);
  return { ...real, effectsOf };
});

afterEach(() => {
  planted.decide = null;
  planted.effectsOf = null;
});

describe("a planted fault comes to light", () => {
  test.each(
    Object.entries({
      ...FAULTS,
      ...FAMILY_FAULTS,
      ...JOIN_FAULTS,
      ...ROUTE_FAULTS,
      ...ALLOWANCE_FAULTS,
      ...LADDER_FAULTS,
      ...RESPONSE_FAULTS,
    }),
  )(
    "when %s",
    async (_name, { seams, decide, effectsOf, breaks }) => {
      const real = await vi.importActual<typeof Rules>(DECIDE);
      const { effectsOf: realEffects } = await vi.importActual<typeof Effects>(EFFECT);
      planted.decide = decide?.(real.decide) ?? null;
      planted.effectsOf = effectsOf?.(realEffects) ?? null;
      const broken = await firstBroken(seams ?? {});
      expect(broken.map(({ invariant }) => invariant)).toEqual(
        expect.arrayContaining([expect.toSatisfy((invariant: string) => breaks.includes(invariant))]),
      );
    },
    MS_MAX,
  );

  test("and without one nothing does", async () => {
    for (let seed = 1; seed <= 20; seed++) expect((await simulate(seed)).violations).toEqual([]);
  });
});

/** What was wrong with the first world that shows anything. */
async function firstBroken(seams: Parameters<typeof simulate>[1]): ReturnType<typeof brokenIn> {
  for (let seed = 1; seed <= WORLDS_MAX; seed++) {
    const broken = await brokenIn(seed, seams);
    if (broken.length > 0) return broken;
  }
  return [];
}

async function brokenIn(seed: number, seams: Parameters<typeof simulate>[1]) {
  return (await simulate(seed, seams)).violations;
}

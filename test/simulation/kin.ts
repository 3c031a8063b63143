import type { FamilyDoor, TaskDoor } from "../../src/ports.ts";
import { Weather } from "./weather.ts";
import type { World } from "./world.ts";

/** What one task's object asks of another's. */
export type KinDoor = FamilyDoor & Pick<TaskDoor, "create" | "cancel">;

/** The ways between the objects of tasks: what goes there is lost on the way there or back, comes twice, or late. */
export class Ways {
  readonly #world: World;
  readonly #weather: Weather;
  readonly #bad: number;

  constructor(world: World) {
    this.#world = world;
    this.#weather = new Weather(world, { chance: 0.3, withinMs: 60_000, lastsMs: 90_000 });
    this.#bad = world.random.pick([0, 1, 1, 4]);
  }

  to(door: KinDoor): KinDoor {
    return {
      create: (order) => this.#carry(() => door.create(order)),
      cancel: (by, reason) => this.#carry(() => door.cancel(by, reason)),
      howItIs: () => this.#carry(() => door.howItIs()),
      childEnded: (call, end) => this.#carry(() => door.childEnded(call, end)),
    };
  }

  async #carry<T>(step: () => Promise<T>): Promise<T> {
    const { random, timeline } = this.#world;
    if (this.#weather.isDown || this.#befalls(0.06)) throw new Error("it was lost on its way");
    if (this.#befalls(0.06))
      void timeline.after(random.int(0, 60_000), () => void step().catch(() => undefined));
    if (this.#befalls(0.06)) await timeline.sleep(random.int(0, 40_000));
    const answer = await step();
    if (this.#befalls(0.06)) throw new Error("the answer was lost");
    return answer;
  }

  #befalls(chance: number): boolean {
    return !this.#world.isCalm && this.#world.random.chance(chance * this.#bad);
  }
}

import type { CallMessage } from "../../src/contracts/queue.ts";
import type { Lane } from "../../src/core/placement.ts";
import type { ModelProvider } from "../../src/model-ports.ts";
import type { CallQueue, ToolGateway } from "../../src/ports.ts";
import { type ConsumerDoor, type Delivery, consumeCalls, consumeDead } from "../../src/queue/consumer.ts";
import type { CrashPoint } from "./crashes.ts";
import { never } from "./timeline.ts";
import type { World } from "./world.ts";

const BATCH_MAX = 10;

interface Message {
  readonly body: CallMessage;
  readonly deliveries: number;
}

/** One run of the consumer over one batch, in a process that can die. */
interface Run {
  alive: boolean;
}

export interface QueueParts {
  readonly world: World;
  readonly door: (tenant: string, task: string) => ConsumerDoor;
  readonly models: ModelProvider;
  readonly tools: ToolGateway;
  readonly ended: (task: string) => boolean;
}

/** Lanes that lose, double, delay and reorder, and the production consumer behind them in processes that die. */
export class SimulatedQueues implements CallQueue {
  readonly #parts: QueueParts;
  readonly #waiting: Record<Lane, Message[]> = { fast: [], slow: [], children: [] };
  readonly #running: Record<Lane, number> = { fast: 0, slow: 0, children: 0 };
  readonly #parallel: number;
  readonly #bad: number;
  /** So often a message is delivered before it is given up. */
  readonly #deliveriesMax: number;

  constructor(parts: QueueParts) {
    const { random } = parts.world;
    this.#parts = parts;
    this.#parallel = random.pick([1, 2, 5]);
    this.#bad = random.chance(0.04) ? 100 : random.pick([0, 1, 3]);
    this.#deliveriesMax = random.int(1, 4);
  }

  async send(lane: Lane, messages: readonly CallMessage[]): Promise<void> {
    const { random, timeline } = this.#parts.world;
    await timeline.sleep(this.#parts.world.networkMs());
    if (this.#befalls(0.05)) throw new Error("the queue is not there");
    for (const body of messages) this.#carry(lane, { body, deliveries: 0 });
    if (this.#befalls(0.03)) throw new Error("the queue's answer was lost");
    await timeline.sleep(random.int(0, 3));
  }

  #befalls(chance: number): boolean {
    const { world } = this.#parts;
    return !world.isCalm && world.random.chance(chance * this.#bad);
  }

  #carry(lane: Lane, message: Message): void {
    const { random, timeline } = this.#parts.world;
    if (this.#befalls(0.05)) return;
    if (this.#befalls(0.08)) this.#carry(lane, message);
    const delayMs = this.#befalls(0.1) ? random.int(0, 40_000) : random.int(0, 30);
    void timeline.after(delayMs, () => this.#arrive(lane, message));
  }

  #arrive(lane: Lane, message: Message): void {
    const { random, timeline } = this.#parts.world;
    const at = random.int(0, this.#waiting[lane].length);
    this.#waiting[lane].splice(at, 0, message);
    void timeline.after(random.int(0, 20), () => this.#poll(lane));
  }

  #poll(lane: Lane): void {
    if (this.#running[lane] >= this.#parallel || this.#waiting[lane].length === 0) return;
    const { world } = this.#parts;
    const batch = this.#waiting[lane].splice(0, BATCH_MAX);
    this.#running[lane] += 1;
    const run: Run = { alive: true };
    const undone = new Set(batch);
    const ended = (): void => {
      if (!run.alive) return;
      run.alive = false;
      this.#running[lane] -= 1;
      for (const message of undone) this.#again(lane, message);
      this.#poll(lane);
    };
    const deliveries = batch.map((message) => delivery(message, undone, () => this.#again(lane, message)));
    const dead = batch.every((message) => message.deliveries >= this.#deliveriesMax);
    const die = (point: CrashPoint): void => {
      if (run.alive) world.note(`a consumer dies: ${point}`);
      ended();
    };
    const work = dead ? this.#bury(deliveries) : this.#consume(deliveries, run, die);
    void work.then(ended, (error: unknown) => world.violate("consumer", String(error)));
  }

  /** At least once, but for what a local crash takes with it. */
  #again(lane: Lane, { body, deliveries }: Message): void {
    const { random, timeline } = this.#parts.world;
    if (deliveries > this.#deliveriesMax || this.#befalls(0.1)) return;
    const message = { body, deliveries: deliveries + 1 };
    void timeline.after(random.int(10, 5_000), () => this.#arrive(lane, message));
  }

  /** A door that is out of reach at times. */
  #far(door: ConsumerDoor): ConsumerDoor {
    const { random, timeline } = this.#parts.world;
    return {
      ...door,
      create: async (order) => {
        if (this.#befalls(0.15)) throw new Error("the object cannot be reached");
        if (this.#befalls(0.1)) void door.create(order).catch(() => undefined);
        if (this.#befalls(0.1)) await timeline.sleep(random.int(0, random.pick([40_000, 600_000])));
        const made = await door.create(order);
        if (this.#befalls(0.1)) throw new Error("the object's answer was lost");
        return made;
      },
      claim: async (claims) => {
        if (this.#befalls(0.05)) throw new Error("the object cannot be reached");
        return door.claim(claims);
      },
      settle: async (settlements) => {
        await door.settle(settlements);
        if (this.#befalls(0.1)) throw new Error("the object's answer was lost");
      },
    };
  }

  #bury(deliveries: readonly Delivery[]): Promise<void> {
    return consumeDead(deliveries, { door: this.#parts.door });
  }

  #consume(deliveries: readonly Delivery[], run: Run, die: (point: CrashPoint) => void): Promise<void> {
    const { world, door, models, tools, ended } = this.#parts;
    const perhaps = async (point: CrashPoint): Promise<void> => {
      if (world.crashes.strikes(point)) die(point);
      if (!run.alive) await never();
    };
    const executing = async <T>(work: Promise<T>): Promise<T> => {
      const point = "in a consumer while it executes";
      if (world.crashes.strikes(point)) void world.timeline.after(world.random.int(0, 40), () => die(point));
      const result = await work;
      return run.alive ? result : never();
    };
    return consumeCalls(deliveries, {
      door: (tenant, task) => mortal(this.#far(door(tenant, task)), perhaps),
      models: { complete: (request, signal, onText) => executing(models.complete(request, signal, onText)) },
      tools: {
        execute: (request, signal) => executing(tools.execute(request, signal)),
        readBack: (request, signal) => executing(tools.readBack(request, signal)),
      },
      nowMs: () => world.timeline.nowMs,
      ended: async (_tenant, task, signal) => {
        while (run.alive && !signal.aborted && !ended(task)) await world.timeline.sleep(500);
        return ended(task);
      },
    });
  }
}

function delivery(message: Message, undone: Set<Message>, again: () => void): Delivery {
  return {
    body: message.body,
    ack: () => void undone.delete(message),
    retry: () => {
      if (undone.delete(message)) again();
    },
  };
}

/** A door in the hands of a process that may die before and after it goes through. */
function mortal(door: ConsumerDoor, perhaps: (point: CrashPoint) => Promise<void>): ConsumerDoor {
  return {
    ...door,
    create: async (order) => {
      await perhaps("in a consumer before it makes a child");
      const made = await door.create(order);
      await perhaps("in a consumer after it made a child");
      return made;
    },
    claim: async (claims) => {
      await perhaps("in a consumer before it claims");
      const claimed = await door.claim(claims);
      await perhaps("in a consumer between claim and execution");
      return claimed;
    },
    settle: async (settlements) => {
      await perhaps("in a consumer between execution and settlement");
      await door.settle(settlements);
      await perhaps("in a consumer after settlement");
    },
  };
}

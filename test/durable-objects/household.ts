import { familyOf } from "../../durable-objects/family.ts";
import type { Command } from "../../src/core/task/command.ts";
import { decodeBody } from "../../src/core/task/commit.ts";
import type { CallMessage } from "../../src/contracts/queue.ts";
import type { NewTask } from "../../src/contracts/task.ts";
import type { ModelProvider } from "../../src/model-ports.ts";
import { Timeline } from "../simulation/timeline.ts";
import { Hosted } from "./hosted.ts";

/** Objects of several tasks in one world: a parent, and whoever it recruits. What is to be made for a child is made at once. */
export class Household {
  readonly timeline = new Timeline();
  readonly homes = new Map<string, Hosted>();
  /** Tasks whose objects cannot be reached. */
  readonly away = new Set<string>();
  /** Whether messages for children get lost. */
  losesMessages = false;
  /** How long a child that was claimed takes to be made. */
  makesWithinMs = 0;
  readonly #models: (order: NewTask) => ModelProvider;

  constructor(models: (order: NewTask) => ModelProvider) {
    this.#models = models;
  }

  /** The object of this task, which is there whether or not the task was ever made. */
  home(order: NewTask): Hosted {
    const known = this.homes.get(order.task);
    if (known !== undefined) return known;
    const made = new Hosted(order, this.timeline);
    this.homes.set(order.task, made);
    made.outside.models = this.#models(order);
    made.outside.queue = { send: async (_lane, messages) => this.#consume(made, messages) };
    made.outside.family = familyOf((_tenant, task) => this.#door(task));
    return made;
  }

  /** Every command that a task's journal tells of. */
  commands(task: string): readonly Command["type"][] {
    return this.homes.get(task)?.rows.map((row) => decodeBody(row).command.type) ?? [];
  }

  get children(): readonly Hosted[] {
    return [...this.homes.values()].filter(({ order }) => order.parent !== undefined);
  }

  #door(task: string) {
    if (this.away.has(task)) throw new Error("it cannot be reached");
    const home = this.homes.get(task);
    const there = home?.task;
    return {
      howItIs: async () => (await there?.howItIs()) ?? null,
      childEnded: async (...told: Parameters<Hosted["task"]["childEnded"]>) =>
        await there?.childEnded(...told),
      create: async (order: NewTask) => await this.home(order).task.create(order),
      cancel: async (by: string, reason: string | undefined) =>
        (await this.homes.get(task)?.task.cancel(by, reason)) ?? null,
    };
  }

  async #consume(parent: Hosted, messages: readonly CallMessage[]): Promise<void> {
    if (this.losesMessages) return;
    for (const { claims } of messages) {
      for (const effect of await parent.task.claim(claims))
        if (effect.kind === "child")
          void this.timeline.after(
            this.makesWithinMs,
            () => void this.#door(effect.order.task).create(effect.order),
          );
    }
  }
}

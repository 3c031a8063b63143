import type { Health } from "../src/contracts/route.ts";
import type { Command } from "../src/core/task/command.ts";
import { modelOf } from "../src/core/task/model-call.ts";
import type { TaskState } from "../src/core/task/state.ts";
import type { HealthReader } from "../src/model-ports.ts";
import type { TaskLog } from "./task-log.ts";

/** What becomes of these never asks a model. */
const UNMOVED: ReadonlySet<Command["type"]> = new Set([
  "create",
  "outputStreamed",
  "pause",
  "cancel",
  "parentTold",
]);

/**
 * Tells a task whose route has more than one candidate how these fare, with whatever it is told next, when that has changed. For any
 * other task it does nothing.
 */
export class Routing {
  readonly #log: TaskLog;
  readonly #health: HealthReader;

  constructor(log: TaskLog, health: HealthReader) {
    this.#log = log;
    this.#health = health;
  }

  commit(command: Command): ReturnType<TaskLog["commit"]> {
    const before = this.#log.state;
    const result = this.#log.commit(this.#informed(before, command));
    if (result.ok && result.changed) this.#noteProbe(before);
    return result;
  }

  #informed(state: TaskState | null, command: Command): Command {
    if (state?.order.route === undefined || UNMOVED.has(command.type)) return command;
    const read = this.#health.of(state.order.route.candidates);
    // How quick they are changes often, and matters to few.
    const health = state.order.latencyObjectiveMs === undefined ? read.map(withoutFigures) : read;
    return JSON.stringify(health) === JSON.stringify(state.health) ? command : { ...command, health };
  }

  #noteProbe(before: TaskState | null): void {
    const { state } = this.#log;
    const route = state?.order.route;
    const model = state && modelOf(state);
    if (route === undefined || !model?.choice?.probe || (before && modelOf(before)?.choice === model.choice))
      return;
    const probed = route.candidates[model.choice.candidate];
    if (probed !== undefined) this.#health.probed(probed);
  }
}

function withoutFigures({ standing, probe }: Health[number]): Health[number] {
  return probe === undefined ? { standing } : { standing, probe };
}

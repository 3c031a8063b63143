import type { Health } from "../../contracts/route.ts";
import type { CoreFunctions } from "../functions.ts";
import type { Command } from "./command.ts";
import type { Event } from "./event.ts";
import { evolve } from "./evolve.ts";
import { type Call, type TaskState, openCalls } from "./state.ts";

/**
 * A decision in the making: each event is folded as it is decided, so that the next rule sees its effect. It lives within one
 * call of `decide` and never leaves it.
 */
export class Draft {
  readonly events: Event[] = [];
  readonly command: Command;
  readonly nowMs: number;
  readonly fns: CoreFunctions;
  readonly seq: number;
  #state: TaskState;
  #ids = 0;

  constructor(state: TaskState, context: { command: Command; nowMs: number; fns: CoreFunctions }) {
    this.#state = state;
    this.command = context.command;
    this.nowMs = context.nowMs;
    this.fns = context.fns;
    this.seq = state.seq + 1;
  }

  get state(): TaskState {
    return this.#state;
  }

  /** What is known of the route's candidates by now. */
  get health(): Health | null {
    return this.command.health ?? this.#state.health ?? null;
  }

  emit(event: Event): void {
    this.events.push(event);
    this.#state = this.peek(event);
  }

  /** The state as it would be after an event. */
  peek(event: Event): TaskState {
    return evolve(this.#state, event, { seq: this.seq, atMs: this.nowMs, command: this.command });
  }

  /** Ids are `taskId.seq.n`: unique for life, and the same on replay. */
  nextId(): string {
    this.#ids += 1;
    return `${this.#state.order.task}.${this.seq}.${this.#ids}`;
  }

  call(id: string): Call | undefined {
    return openCalls(this.#state).find((call) => call.id === id);
  }
}

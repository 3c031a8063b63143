import type { Command } from "../src/core/task/command.ts";
import type { Effect } from "../src/core/task/effect.ts";
import type { Clock } from "../src/ports.ts";
import type { Performer } from "./perform.ts";

const PAUSE_MS_FIRST = 1_000;
const PAUSE_MS_MAX = 15_000;

/** Effects that need something which may be out of reach: the rights, or the object of another task. */
export type Patient = Extract<Effect, { kind: "readRights" | "endChild" | "tellParent" }>;

export function isPatient(effect: Effect): effect is Patient {
  return effect.kind === "readRights" || effect.kind === "endChild" || effect.kind === "tellParent";
}

/** Tries such effects for as long as they follow from the state, ever more slowly. */
export class Patience {
  readonly #performer: Performer;
  readonly #clock: Clock;
  readonly #pauses = new Map<string, { readonly lastsMs: number; readonly overAtMs: number }>();

  constructor(performer: Performer, clock: Clock) {
    this.#performer = performer;
    this.#clock = clock;
  }

  /** When the effect may be tried; long past when nothing keeps it. */
  overAtMs(key: string): number {
    return this.#pauses.get(key)?.overAtMs ?? 0;
  }

  /** Null when it could not be done, and a pause begins. */
  async try(effect: Patient): Promise<Command | null> {
    const command = await this.#performed(effect);
    if (command === null) this.#pause(effect.key);
    else this.#pauses.delete(effect.key);
    return command;
  }

  #performed(effect: Patient): Promise<Command | null> {
    switch (effect.kind) {
      case "readRights":
        return this.#performer.rights(effect.approvers);
      case "endChild":
        return this.#performer.endChild(effect.call);
      case "tellParent":
        return this.#performer.tellParent();
    }
  }

  #pause(key: string): void {
    const before = this.#pauses.get(key);
    const lastsMs = before === undefined ? PAUSE_MS_FIRST : Math.min(PAUSE_MS_MAX, before.lastsMs * 2);
    this.#pauses.set(key, { lastsMs, overAtMs: this.#clock.nowMs() + lastsMs });
  }
}

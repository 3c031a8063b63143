import type { Command } from "../src/core/task/command.ts";
import type { Effect } from "../src/core/task/effect.ts";
import type { Clock } from "../src/ports.ts";
import type { Performer } from "./perform.ts";

const PAUSE_MS_FIRST = 1_000;
const PAUSE_MS_MAX = 15_000;

/** Effects that need something which may be out of reach, or not to be had yet: the rights, the object of another task, an allowance, a response. */
export type Patient = Extract<
  Effect,
  { kind: "readRights" | "endChild" | "tellParent" | "askAllowance" | "pollModel" | "dropResponse" }
>;

/** What was asked for is not to be had yet, and is asked for again in so long. `news`: what the task does not know of that. */
export interface NotYet {
  readonly againInMs: number;
  readonly news?: Command;
}

const PATIENT: ReadonlySet<Effect["kind"]> = new Set<Patient["kind"]>([
  "readRights",
  "endChild",
  "tellParent",
  "askAllowance",
  "pollModel",
  "dropResponse",
]);

export function isPatient(effect: Effect): effect is Patient {
  return PATIENT.has(effect.kind);
}

/** Whether all whose rights are in question by now are among these. */
export function asksOfAll(effects: readonly Effect[], approvers: readonly string[]): boolean {
  const inQuestion = effects.flatMap((effect) => (effect.kind === "readRights" ? effect.approvers : []));
  return inQuestion.every((approver) => approvers.includes(approver));
}

/** Tries such effects for as long as they follow from the state, ever more slowly. */
export class Patience {
  readonly #performer: Performer;
  readonly #clock: Clock;
  readonly #pauses = new Map<string, { readonly lastsMs: number; readonly overAtMs: number }>();
  #hurries = 0;

  constructor(performer: Performer, clock: Clock) {
    this.#performer = performer;
    this.#clock = clock;
  }

  /** When the effect may be tried; long past when nothing keeps it. */
  overAtMs(effect: Patient): number {
    return this.#pauses.get(pauseKeyOf(effect))?.overAtMs ?? 0;
  }

  /** Null when it could not be done, and a pause begins; so it does with an answer that there is nothing to be had yet. */
  async try(effect: Patient): Promise<Command | null> {
    const hurries = this.#hurries;
    const told = await this.#performed(effect);
    if (told === null || "againInMs" in told) {
      const isOvertaken = told !== null && hurries !== this.#hurries;
      if (!isOvertaken) this.#pause(pauseKeyOf(effect), told?.againInMs);
      return told?.news ?? null;
    }
    this.#pauses.delete(pauseKeyOf(effect));
    return told;
  }

  /** What was not to be had may be there now, also for whoever is just being told that it is not. */
  hurry(): void {
    this.#hurries += 1;
    this.#pauses.clear();
  }

  #performed(effect: Patient): Promise<Command | NotYet | null> {
    switch (effect.kind) {
      case "readRights":
        return this.#performer.rights(effect.approvers);
      case "endChild":
        return this.#performer.endChild(effect.call);
      case "tellParent":
        return this.#performer.tellParent();
      case "askAllowance":
        return this.#performer.allowance(effect.ask);
      case "pollModel":
        return this.#performer.poll();
      case "dropResponse":
        return this.#performer.drop(effect.unwanted);
    }
  }

  #pause(key: string, forMs?: number): void {
    const before = this.#pauses.get(key);
    const slower = before === undefined ? PAUSE_MS_FIRST : Math.min(PAUSE_MS_MAX, before.lastsMs * 2);
    const lastsMs = forMs ?? slower;
    this.#pauses.set(key, { lastsMs, overAtMs: this.#clock.nowMs() + lastsMs });
  }
}

/** A refusal may be news and lead to the next asking, which has to wait as long as one that told nothing new. Giving back waits for nobody. */
function pauseKeyOf(effect: Patient): string {
  return effect.kind === "askAllowance" && effect.ask.wanted !== null ? "allowance" : effect.key;
}

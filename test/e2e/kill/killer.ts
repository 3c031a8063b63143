import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "../../simulation/random.ts";
import type { Client, CommitTold } from "./client.ts";
import type { Kill, Promised } from "./evidence.ts";
import { type Activity, activitiesOf } from "./moments.ts";
import type { Runtime } from "./runtime.ts";
import { auditedSeqs, stateOf, storedTasks } from "./stored.ts";

const LOOK_MS = 20;

/** What the runtime is just about when one of these is committed: kills are aimed at some of them, to hit what is soon over. */
const AIMS = [
  "taskCompleted",
  "approvalOpened",
  "approvalAnswered",
  "callSettled",
  "callIntended",
  "callClaimed",
  "modelReplied",
];
const AIM_MS_MAX = 1_500;

export interface KillerParts {
  readonly runtime: Runtime;
  readonly stateDir: string;
  readonly random: Random;
  readonly reader: Client;
  /** Tasks that are known to be under way, with the last commit that was seen of each. */
  readonly underWay: () => readonly { readonly task: string; readonly seq: number }[];
}

/** Kills the runtime at random moments while there is work, looks at what it left on the disk, and starts it again. */
export class Killer {
  readonly kills: Kill[] = [];
  readonly promised: Promised[] = [];
  readonly #parts: KillerParts;
  /** Files of tasks that had ended, with all of it in the audit log: they are not looked at again. */
  readonly #done = new Set<string>();

  constructor(parts: KillerParts) {
    this.#parts = parts;
  }

  /** A kill that found nothing under way does not count. */
  async work(wanted: number, over: () => boolean): Promise<void> {
    const { runtime, random, underWay } = this.#parts;
    while (this.kills.length < wanted && !over()) {
      const upSinceMs = performance.now();
      await wait(this.#upMs());
      while (underWay().length === 0 && !over()) await wait(LOOK_MS);
      if (random.chance(0.35)) await this.#aim();
      const upMs = Math.round(performance.now() - upSinceMs);
      await runtime.kill();
      const kill = this.#look(Date.now(), upMs);
      if (kill.tasks > 0) this.kills.push(kill);
      await runtime.restart();
    }
  }

  /** Often while it is still taking up what the last kill left, mostly in the middle of things, sometimes late. */
  #upMs(): number {
    const roll = this.#parts.random.next();
    if (roll < 0.25) return this.#parts.random.int(0, 150);
    return this.#parts.random.int(150, roll < 0.85 ? 800 : 1_600);
  }

  /** Reads along with every task until one of them tells what is aimed at, and holds the runtime to all that it told. */
  async #aim(): Promise<void> {
    const { random, reader, underWay } = this.#parts;
    const wanted = random.pick(AIMS);
    const struck = new AbortController();
    const signal = AbortSignal.any([struck.signal, AbortSignal.timeout(AIM_MS_MAX)]);
    const isLast = ({ events }: CommitTold): boolean => {
      const hit = events.some(({ type }) => type === wanted);
      if (hit) struck.abort();
      return hit;
    };
    const following = underWay().map(async ({ task, seq }) => {
      const told = await reader.follow(task, { after: seq, signal, isLast });
      for (const commit of told) this.promised.push({ task, seq: commit.seq, hash: commit.hash });
    });
    await Promise.race([Promise.all(following), once(signal, "abort")]);
  }

  #look(atMs: number, upMs: number): Kill {
    const audited = auditedSeqs(this.#parts.stateDir);
    const activities = new Map<Activity, number>();
    let tasks = 0;
    for (const [file, { task, rows }] of storedTasks(this.#parts.stateDir, this.#done)) {
      const last = rows.at(-1);
      if (last !== undefined) this.promised.push({ task, seq: last.seq, hash: last.hash });
      const state = stateOf(rows);
      const found = activitiesOf(state, audited.get(task) ?? 0);
      if (state.phase.kind === "ended" && found.size === 0) this.#done.add(file);
      else tasks += 1;
      for (const activity of found) activities.set(activity, (activities.get(activity) ?? 0) + 1);
    }
    return { atMs, upMs, tasks, activities };
  }
}

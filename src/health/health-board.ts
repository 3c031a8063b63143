import { type CandidateHealth, type Health, nameOf } from "../contracts/route.ts";
import type { Observation } from "../core/health.ts";
import { type HealthView, slowAfterMs } from "../core/model-health.ts";
import type { HealthReader, ModelName } from "../model-ports.ts";
import type { Clock, HealthDoor, HostBreakers } from "../ports.ts";

/** Asked and told at most so often, for each name. */
const ASK_EVERY_MS = 1_000;
/** What was told longer ago says nothing any more. */
const KNOWN_MS = 60_000;
/** Who was not read for so long is not kept up with. */
const WATCHED_MS = 10_000;
/** What waits to be told; what is more than that is dropped, since these show it as well. */
const PENDING_MAX = 200;
/** Calls of a healthy host are told only with those that went wrong at about the same time. */
const RECENT_MS = 4_000;
/** A host that is to be tried again, once whoever may has leave. */
const ASK_AGAIN_MS = 1_000;

interface Entry {
  pending: Observation[];
  view: HealthView | null;
  toldAtMs: number;
  askedAtMs: number;
  readAtMs: number;
  probe: boolean;
}

/**
 * What an isolate knows of the health of models and hosts, and what it has to tell. It gathers what calls show, tells it to the object
 * that keeps each name's health, and takes what that knows from everywhere: always beside, so that nothing waits for it. An object
 * that cannot be reached leaves what was known; what is not known is well.
 */
export class HealthBoard implements HealthReader, HostBreakers {
  readonly #door: (name: string) => HealthDoor;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(door: (name: string) => HealthDoor, clock: Clock) {
    this.#door = door;
    this.#clock = clock;
  }

  of(candidates: readonly ModelName[]): Health {
    return candidates.map((candidate) => this.#read(nameOf(candidate)));
  }

  probed(candidate: ModelName): void {
    this.#entry(nameOf(candidate)).probe = false;
  }

  /** A call of a model has ended, or takes too long. */
  observe(candidate: ModelName, seen: Observation): void {
    const name = nameOf(candidate);
    this.#note(this.#entry(name), seen);
    this.#ask(name);
  }

  /** When a call of the model that goes on is to be told of as late; null when nobody can say. */
  lateAfterMs(candidate: ModelName, objectiveMs: number | undefined): number | null {
    return slowAfterMs(objectiveMs, this.#viewOf(this.#entry(nameOf(candidate)))?.slowMs ?? null);
  }

  /** While calls are out, those that are read for routes are kept up with. */
  keepUp(): void {
    const sinceMs = this.#clock.nowMs() - WATCHED_MS;
    for (const [name, { readAtMs, pending }] of this.#entries)
      if (readAtMs > sinceMs || pending.length > 0) this.#ask(name);
  }

  turnsAwayForMs(host: string): number | null {
    const name = hostName(host);
    const known = this.#entries.get(name);
    const view = known === undefined ? null : this.#viewOf(known);
    if (known === undefined || view === null || view.at === "closed") return null;
    known.readAtMs = this.#clock.nowMs();
    this.#ask(name);
    if (known.probe) {
      known.probe = false;
      return null;
    }
    return Math.max(ASK_AGAIN_MS, (view.untilMs ?? 0) - this.#clock.nowMs());
  }

  /** As long as all is well, nobody is told: a host that answers costs nothing. */
  answered(host: string, seen: Observation): void {
    const name = hostName(host);
    const entry = this.#entry(name);
    const view = this.#viewOf(entry);
    this.#note(entry, seen);
    if (seen.fault !== undefined || (view !== null && view.at !== "closed")) {
      const sinceMs = this.#clock.nowMs() - RECENT_MS;
      entry.pending = entry.pending.filter(({ beganMs, latencyMs }) => beganMs + latencyMs >= sinceMs);
      this.#ask(name);
    }
  }

  #read(name: string): CandidateHealth {
    const entry = this.#entry(name);
    entry.readAtMs = this.#clock.nowMs();
    this.#ask(name);
    const view = this.#viewOf(entry);
    if (view === null) return { standing: "well" };
    const p95Ms = view.p95Ms === null ? {} : { p95Ms: view.p95Ms };
    switch (view.at) {
      case "closed":
        return { standing: "well", ...p95Ms };
      case "open":
        return { standing: "out", ...p95Ms };
      case "halfOpen":
        return { standing: "ailing", ...(entry.probe && { probe: true }), ...p95Ms };
    }
  }

  #ask(name: string): void {
    const entry = this.#entry(name);
    const nowMs = this.#clock.nowMs();
    if (nowMs - entry.askedAtMs < ASK_EVERY_MS) return;
    entry.askedAtMs = nowMs;
    void this.#exchange(name, entry, nowMs);
  }

  /** An invocation that ends takes its question with it: another one asks again. */
  async #exchange(name: string, entry: Entry, nowMs: number): Promise<void> {
    const seen = entry.pending;
    entry.pending = [];
    const wantsProbe = !entry.probe && entry.readAtMs > nowMs - WATCHED_MS;
    try {
      const view = await this.#door(name).report(seen, wantsProbe);
      entry.view = view;
      entry.toldAtMs = this.#clock.nowMs();
      entry.probe = view.at === "halfOpen" && (entry.probe || view.probe);
    } catch {
      entry.pending = [...seen, ...entry.pending].slice(-PENDING_MAX);
    }
  }

  #note(entry: Entry, seen: Observation): void {
    entry.pending.push(seen);
    if (entry.pending.length > PENDING_MAX) entry.pending.shift();
  }

  #viewOf({ view, toldAtMs }: Entry): HealthView | null {
    return this.#clock.nowMs() - toldAtMs > KNOWN_MS ? null : view;
  }

  #entry(name: string): Entry {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const entry = { pending: [], view: null, toldAtMs: 0, askedAtMs: 0, readAtMs: 0, probe: false };
    this.#entries.set(name, entry);
    return entry;
  }
}

/** No model is called so: a provider's name has no colon. */
function hostName(host: string): string {
  return `host:${host}`;
}

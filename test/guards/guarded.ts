import { vi } from "vitest";
import type { ModelReply } from "../../src/contracts/model.ts";
import { Limiter, type LimiterTerms } from "../../src/core/limiter.ts";
import { ProviderRate } from "../../src/core/provider-rate.ts";
import { groundOf } from "../../src/guards/bindings.ts";
import type { MutexDoor, PlacesDoor, RateDoor } from "../../src/guards/doors.ts";
import { Guards } from "../../src/guards/guarded.ts";
import type { GuardTerms } from "../../src/guards/terms.ts";
import { Workbench, sleep } from "./guarded-calls.ts";

export const OK: ModelReply = {
  stop: "failed",
  failure: { code: "malformed", message: "", retryable: true },
};

/** Guards that never let anybody wait, and count who asks. `down`: nobody can reach them. */
export class Doors {
  readonly asked: string[] = [];
  readonly terms: LimiterTerms[] = [];
  down: "answers" | "rejects" | "silent" = "answers";
  lateMs = 0;
  /** Of rates, where it is another than of all others. */
  rateLateMs: number | null = null;
  readonly #limiters = new Map<string, Limiter>();
  readonly #rates = new Map<string, ProviderRate>();
  #fence = 0;

  limiter = (name: string): PlacesDoor & RateDoor => {
    const limiter = this.#limiters.get(name) ?? new Limiter();
    const rate = this.#rates.get(name) ?? new ProviderRate();
    this.#limiters.set(name, limiter);
    this.#rates.set(name, rate);
    const isRate = name.startsWith("rate/");
    const say = <T>(what: string, answer: () => T) =>
      this.#say(`${what} ${name}`, answer, isRate ? (this.rateLateMs ?? this.lateMs) : this.lateMs);
    return {
      takePlace: (asked, terms) =>
        say("take", () => {
          this.terms.push(terms);
          const seating = limiter.ask(asked, { ...terms, waitMsMax: 0 }, Date.now());
          if (seating === null) throw new Error("nobody waits here");
          return seating;
        }),
      renewPlace: (seat, tenant) => say("renew", () => limiter.renew(seat, tenant, Date.now())),
      givePlaceBack: (seat) => say("give back", () => limiter.giveBack(seat, Date.now())),
      askLeave: (asked, terms) => say("leave", () => rate.ask(asked, terms, Date.now())),
      giveLeaveBack: (back) =>
        say(`back ${back.requests} ${back.tokens}`, () => rate.giveBack(back, Date.now())),
      learnBlock: (waitMs) => say("learn", () => rate.learn(waitMs, Date.now())),
      blockedForMs: () => say("look", () => rate.blockedForMs(Date.now())),
    };
  };

  mutex = (): MutexDoor => ({
    take: () => this.#say("mutex", () => ({ taken: true, fence: ++this.#fence })),
    release: () => this.#say("release", () => undefined),
  });

  #say<T>(what: string, answer: () => T, lateMs = this.lateMs): Promise<T> {
    this.asked.push(what);
    if (this.down === "silent") return new Promise(() => undefined);
    if (lateMs > 0) return sleep(lateMs).then(answer);
    return this.down === "rejects" ? Promise.reject(new Error("down")) : Promise.resolve(answer());
  }
}

export function guarded(terms: GuardTerms = {}, takesMs = 10) {
  const doors = new Doors();
  const guards = new Guards(
    terms,
    doors,
    groundOf((work) => void work),
  );
  const bench = new Workbench(() => sleep(takesMs));
  const tools = guards.tools(bench, "object");
  const through = async <T>(work: Promise<T>): Promise<T> => {
    await vi.advanceTimersByTimeAsync(takesMs);
    return await work;
  };
  return { doors, guards, bench, tools, through };
}

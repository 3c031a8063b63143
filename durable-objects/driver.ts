import type { Command } from "../src/core/task/command.ts";
import type { CoreFunctions } from "../src/core/functions.ts";
import { type Effect, effectsOf } from "../src/core/task/effect.ts";
import { type TaskState, isLive } from "../src/core/task/state.ts";
import { RESEND_MS } from "../src/core/task/model-call.ts";
import { statusOf } from "../src/core/task/status.ts";
import { nextTimerMs } from "../src/core/task/timer.ts";
import type { AuditTail } from "./audit-tail.ts";
import { Flights, type Journey } from "./flights.ts";
import type { Outside } from "./outside.ts";
import { Patience, type Patient, asksOfAll, isPatient } from "./patience.ts";
import { Performer } from "./perform.ts";
import { Routing } from "./routing.ts";
import { cutsOff } from "./streamed-output.ts";
import type { TaskLog } from "./task-log.ts";
import { Watch } from "./watch.ts";

/**
 * A slice ends when nothing is out. While something is, effects go on to be begun for so long, and then no more: with the longest
 * time-out (ten minutes) behind it, a slice stays within the fifteen minutes that the platform gives an alarm.
 */
const SLICE_MS = 240_000;
/** So much before it is due, the audit log's tail goes out with an alarm that came for something else. */
const EARLY_MS = 30_000;

export interface DriverParts {
  readonly log: TaskLog;
  readonly tail: AuditTail;
  readonly outside: Outside;
  readonly fns: CoreFunctions;
}

/**
 * The one driver of a task's object. It carries effects out and commits what they bring, for as long as there is anything to do;
 * then it sees to it that the audit log has everything, and arms the alarm for whatever is due next.
 *
 * 1. An effect is begun only if it follows from durable state (J1), and at most once in this object's life: `Flights`.
 * 2. What was in flight in an earlier life is lost from sight: the first thing said in a life is `interrupted`.
 * 3. After every await the state is read anew; an effect that no longer follows from it is aborted.
 */
export class Driver {
  readonly #parts: DriverParts;
  readonly #performer: Performer;
  readonly #patience: Patience;
  readonly #flights = new Flights();
  readonly #watch: Watch;
  readonly #routing: Routing;
  #driving: Promise<void> | null = null;
  #rest = Promise.withResolvers<void>();
  #resumed = false;
  #armedAtMs: number | null = null;
  /** An alarm that has nothing more to do takes the tail along that would need another one soon. */
  #mayFlushEarly = false;
  /** Until then, a slice begins effects; after it, it only waits for those that are out. */
  #beginsUntilMs = Infinity;
  #effectsState: TaskState | null = null;
  #effectsNow: readonly Effect[] = [];

  constructor(parts: DriverParts) {
    this.#parts = parts;
    this.#watch = new Watch(parts.outside);
    this.#routing = new Routing(parts.log, parts.outside.health);
    this.#performer = new Performer(parts, (command) => void this.commit(command));
    this.#patience = new Patience(this.#performer, parts.outside.clock);
  }

  /** Resolves when the slice ends that runs now or begins at once; null when there is none. */
  get rest(): Promise<void> | null {
    const begins = this.#armedAtMs !== null && this.#armedAtMs <= this.#parts.outside.clock.nowMs();
    return this.#driving !== null || begins ? this.#rest.promise : null;
  }

  /** Commits a command, and stops what it made pointless. A message that wakes the object finds what was lost already told. */
  commit(command: Command): ReturnType<TaskLog["commit"]> {
    if (this.#takeUp()) this.kick();
    if (cutsOff(command)) this.#performer.keepStreamed();
    return this.#commit(command);
  }

  /** Text of a model call that is carried out elsewhere. */
  streamed(...what: Parameters<Performer["streamed"]>): void {
    this.#performer.streamed(...what);
  }

  #commit(command: Command): ReturnType<TaskLog["commit"]> {
    const result = this.#routing.commit(command);
    if (result.ok && result.changed) this.#flights.abortStale(this.#effects(), isPassing);
    return result;
  }

  /**
   * The first thing said in an object's life, before anything is intended in it: what an earlier life had out is lost from sight.
   * True when something was.
   */
  #takeUp(): boolean {
    if (this.#resumed) return false;
    this.#resumed = true;
    const result = this.#commit({ type: "interrupted" });
    return result.ok && result.changed;
  }

  hurry(): void {
    this.#patience.hurry();
    this.kick();
  }

  /** Something changed from outside: a running driver looks again, else the alarm starts one now. */
  kick(): void {
    if (this.#driving !== null) this.#watch.wake();
    else this.#arm(this.#parts.outside.clock.nowMs());
  }

  /**
   * A result came in from elsewhere: a driver goes on with it here and now, since the alarm that watches over its lease is armed
   * already and setting another costs a row. Should the process die, that alarm finds what was lost.
   */
  async goOn(): Promise<void> {
    this.#armedAtMs ??= await this.#parts.outside.alarm.armedAtMs();
    if (this.#driving !== null || this.#armedAtMs === null) this.kick();
    else void this.#drive();
  }

  /**
   * The alarm fired. Never rejects for an expected failure. It lasts as long as the driver that runs, whoever began it: an alarm that
   * has ended is forgotten by the platform, and a crash would then leave nothing that takes the task on.
   */
  async alarm(): Promise<void> {
    this.#armedAtMs = null;
    this.#mayFlushEarly = true;
    await this.#drive();
  }

  /** Joins the driver that runs, or begins one. */
  #drive(): Promise<void> {
    if (this.#parts.log.state === null) return Promise.resolve();
    this.#driving ??= this.#driveSlice();
    return this.#driving;
  }

  async #driveSlice(): Promise<void> {
    try {
      this.#takeUp();
      await this.#runSlice();
      this.#watch.callOff();
      this.#parts.log.saveSnapshot();
    } finally {
      this.#driving = null;
      this.#mayFlushEarly = false;
      this.#beginsUntilMs = Infinity;
      this.#armNext();
      this.#rest.resolve();
      this.#rest = Promise.withResolvers();
    }
  }

  async #runSlice(): Promise<void> {
    const { clock } = this.#parts.outside;
    this.#beginsUntilMs = clock.nowMs() + SLICE_MS;
    for (;;) {
      const nowMs = clock.nowMs();
      this.#flights.endOverdue(nowMs);
      if (this.#isDue(nowMs)) this.commit({ type: "timerFired" });
      if (nowMs < this.#beginsUntilMs) this.#beginEffects();
      this.#flushBy(nowMs);
      if (this.#flights.out === 0 && !(this.#mayFlushEarly && this.#flushBy(nowMs + EARLY_MS))) return;
      // An effect ends, a message comes, or a timer is due.
      await this.#watch.until(this.#nextDueMs());
    }
  }

  /** Sends the audit log's tail if it is due by then. */
  #flushBy(untilMs: number): boolean {
    const dueMs = this.#parts.tail.dueMs(this.#isResting());
    if (dueMs === null || dueMs > untilMs || this.#flights.has(AUDIT)) return false;
    this.#mayFlushEarly = false;
    this.#begin(AUDIT, { work: () => this.#flush() });
    return true;
  }

  #beginEffects(): void {
    const fresh = this.#effects().filter(({ key }) => !this.#flights.has(key));
    const enqueued = fresh.filter((effect) => effect.kind === "enqueue");
    for (const { key } of enqueued) this.#flights.note(key);
    if (enqueued.length > 0)
      this.#begin(`${ENQUEUE}${enqueued[0]?.key}`, { work: () => this.#performer.enqueue(enqueued) });
    for (const effect of fresh) this.#beginEffect(effect);
    if (fresh.some(({ kind }) => kind === "start")) this.#beginEffects();
  }

  #beginEffect(effect: Effect): void {
    switch (effect.kind) {
      case "start":
        return void this.commit({ type: "start" });
      case "enqueue":
        return;
      case "readRights":
      case "endChild":
      case "tellParent":
      case "askAllowance":
      case "pollModel":
      case "dropResponse":
        if (this.#parts.outside.clock.nowMs() >= this.#patience.overAtMs(effect))
          this.#begin(effect.key, { work: () => this.#reach(effect) });
        return;
      case "callModel":
      case "runCall":
      case "readBack": {
        const journey = this.#performer.journey(effect);
        if (journey !== null) this.#begin(effect.key, journey);
      }
    }
  }

  /** J1. What an effect brought is committed before anything else is awaited. */
  #begin(key: string, journey: Journey): void {
    const landed = (command: Command | null): void => {
      if (isPassing(key)) this.#flights.forget(key);
      if (command !== null) this.commit(command);
      this.#watch.wake();
    };
    this.#flights.begin(key, journey, { nowMs: this.#parts.outside.clock.nowMs(), landed });
  }

  async #flush(): Promise<null> {
    await this.#parts.tail.flush();
    return null;
  }

  async #reach(effect: Patient): Promise<Command | null> {
    const command = await this.#patience.try(effect);
    if (command === null) this.#flights.forget(effect.key);
    // A1. Someone agreed meanwhile who was not asked about: silence is no answer, the rights are read once more.
    return effect.kind === "readRights" && !asksOfAll(this.#effects(), effect.approvers) ? null : command;
  }

  /** Derived once a state: it is looked at several times between two commits. */
  #effects(): readonly Effect[] {
    const { state } = this.#parts.log;
    if (state !== this.#effectsState) {
      this.#effectsState = state;
      this.#effectsNow = state === null ? [] : effectsOf(state);
    }
    return this.#effectsNow;
  }

  #isDue(nowMs: number): boolean {
    const { state } = this.#parts.log;
    const dueMs = state === null ? null : nextTimerMs(state);
    return dueMs !== null && dueMs <= nowMs;
  }

  /** Nothing runs, here or elsewhere: the task has ended or waits for a human. */
  #isResting(): boolean {
    const { state } = this.#parts.log;
    return (
      state !== null &&
      (!isLive(state) || (statusOf(state) === "waiting_approval" && this.#flights.out === 0) || state.paused)
    );
  }

  #nextDueMs(): number | null {
    const { log, tail } = this.#parts;
    const timerMs = log.state === null ? null : nextTimerMs(log.state);
    const auditMs = this.#flights.has(AUDIT) ? null : tail.dueMs(this.#isResting());
    const begins = this.#parts.outside.clock.nowMs() < this.#beginsUntilMs;
    const pausesMs = begins ? this.#pausesOverMs() : Infinity;
    const dueMs = Math.min(timerMs ?? Infinity, auditMs ?? Infinity, pausesMs, this.#flights.nextDueMs());
    return dueMs === Infinity ? null : dueMs;
  }

  #pausesOverMs(): number {
    const waiting = this.#effects().filter(({ key }) => !this.#flights.has(key));
    return Math.min(...waiting.filter(isPatient).map((effect) => this.#patience.overAtMs(effect)));
  }

  #armNext(): void {
    const undone = this.#effects().some((effect) => !isPatient(effect) && !this.#flights.has(effect.key));
    const nowMs = this.#parts.outside.clock.nowMs();
    const dueMs = undone ? nowMs : this.#nextDueMs();
    // The model's next call is watched over for so long: an alarm set for that now need not be set anew then.
    const thinks = this.#parts.log.state?.phase.kind === "thinking";
    if (dueMs !== null) this.#arm(thinks ? Math.min(dueMs, nowMs + RESEND_MS) : dueMs);
  }

  /** An alarm that comes too early does no harm and costs less than setting it anew. */
  #arm(atMs: number): void {
    if (this.#armedAtMs !== null && this.#armedAtMs <= atMs) return;
    this.#armedAtMs = atMs;
    this.#parts.outside.alarm.set(atMs);
  }
}

const AUDIT = "audit";
const ENQUEUE = "enqueue ";

/** What is done for the sake of effects and is none itself: it may be done again at once. */
function isPassing(key: string): boolean {
  return key === AUDIT || key.startsWith(ENQUEUE);
}

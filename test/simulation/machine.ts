import type { HostedTask } from "../../durable-objects/hosted-task.ts";
import type { CrashPoint } from "./crashes.ts";
import { Disk } from "./disk.ts";
import { never } from "./timeline.ts";
import type { World } from "./world.ts";

/** From the object's first moment in memory to its last. What the dead still do reaches nobody. */
export interface Life {
  readonly number: number;
  alive: boolean;
  task: HostedTask | null;
  /** Requests that wait for an answer of this life. */
  readonly unanswered: Set<(error: Error) => void>;
  /** What the output gate holds back until the disk is flushed. */
  readonly held: (() => void)[];
  /** How much of it is out in the world. */
  out: number;
}

/** Where its object can die while something of it is out, and just when that is back. */
export interface Points {
  readonly out: CrashPoint;
  readonly back?: CrashPoint;
}

export interface MachineParts {
  readonly world: World;
  readonly name: string;
  /** Builds the object in memory, over what is on disk. */
  readonly boot: (machine: Machine, life: Life) => HostedTask;
  /** Everything on disk is durable now. */
  readonly flushed: (disk: Disk, life: number) => void;
  /** False plants a fault: what is not durable leaves all the same. */
  readonly holdsBack: boolean;
}

/**
 * The platform as one object sees it, at its worst: it can die anywhere, what it wrote last with it; its one alarm survives, and one
 * whose handler died is brought again at once, unless that handler had set another; nothing leaves before what was written is durable.
 */
export class Machine {
  readonly disk = new Disk();
  readonly #parts: MachineParts;
  #life: Life | null = null;
  #lives = 0;
  #alarmRuns = false;
  #callOffAlarm: () => void = () => undefined;

  constructor(parts: MachineParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  /** A request from elsewhere. Rejects when the object dies over it, whether or not it was carried out. */
  async request<T>(what: string, ask: (task: HostedTask) => Promise<T>): Promise<T> {
    const { world } = this.#parts;
    await world.timeline.sleep(world.networkMs());
    const { life, task } = this.#awake();
    world.note(`${this.name} ← ${what}`);
    const answer = await new Promise<T>((resolve, reject) => {
      life.unanswered.add(reject);
      const carriedOut = async () => {
        const value = await ask(task);
        await this.gate(life);
        if (life.alive) resolve(value);
      };
      carriedOut()
        .catch(reject)
        .finally(() => life.unanswered.delete(reject));
    });
    this.#perhapsEvict();
    await world.timeline.sleep(world.networkMs());
    return answer;
  }

  /** Something of this life goes out, comes back, and may find nobody there. */
  async outgoing<T>(life: Life, points: Points, send: () => Promise<T>): Promise<T> {
    const { world } = this.#parts;
    await this.gate(life);
    const strikes = world.crashes.strikes(points.out);
    if (strikes) void world.timeline.after(world.random.int(0, 40), () => this.crash(life, points.out));
    life.out += 1;
    try {
      return await send();
    } finally {
      life.out -= 1;
      if (life.alive && points.back !== undefined && world.crashes.strikes(points.back))
        this.crash(life, points.back);
      if (!life.alive) await never();
    }
  }

  /** Opens when everything written so far is durable; for the dead, never. */
  async gate(life: Life): Promise<void> {
    if (this.disk.dirty && life.alive && this.#parts.holdsBack)
      await new Promise<void>((resolve) => void life.held.push(resolve));
    if (!life.alive) await never();
  }

  setAlarm(life: Life, atMs: number): void {
    if (!life.alive) return;
    this.#touch(life);
    this.disk.setAlarm(atMs);
  }

  /** Called before each write of a life; false when it dies of it. */
  writes(life: Life, query: string): boolean {
    const { crashes } = this.#parts.world;
    const isCommit = query.startsWith("INSERT INTO journal");
    if (isCommit && crashes.strikes("before a commit is appended")) {
      this.crash(life, "before a commit is appended");
      return false;
    }
    this.#touch(life);
    return true;
  }

  /** The object loses its memory, and what it wrote last. */
  crash(life: Life, point: CrashPoint): void {
    if (!life.alive) return;
    const { world } = this.#parts;
    world.note(`${this.name} dies: ${point}`);
    life.alive = false;
    this.#life = null;
    this.disk.lose();
    for (const reject of life.unanswered)
      void world.timeline.after(world.networkMs(), () => reject(new Error("the object was reset")));
    if (this.#alarmRuns) this.disk.restoreAlarm(world.timeline.nowMs);
    this.#alarmRuns = false;
    this.#expectAlarm();
  }

  /** Memory is dropped, now. Only for when nobody is in it. */
  forget(): void {
    if (this.#life !== null) this.#life.alive = false;
    this.#life = null;
  }

  close(): void {
    this.forget();
    this.disk.close();
  }

  #awake(): { readonly life: Life; readonly task: HostedTask } {
    const living = this.#life;
    if (living !== null && living.task !== null) return { life: living, task: living.task };
    const life: Life = {
      number: ++this.#lives,
      alive: true,
      task: null,
      unanswered: new Set(),
      held: [],
      out: 0,
    };
    const task = this.#parts.boot(this, life);
    life.task = task;
    this.#life = life;
    return { life, task };
  }

  #touch(life: Life): void {
    if (this.disk.dirty) return;
    const { world } = this.#parts;
    this.disk.touch();
    void world.timeline.after(world.random.int(0, 4), () => this.#flush(life));
  }

  #flush(life: Life): void {
    if (!life.alive) return;
    const { world, flushed } = this.#parts;
    if (world.crashes.strikes("before a commit is durable"))
      return this.crash(life, "before a commit is durable");
    this.disk.flush();
    flushed(this.disk, life.number);
    this.#expectAlarm();
    const point = "after a commit is durable, before what it held back leaves";
    if (world.crashes.strikes(point)) return this.crash(life, point);
    for (const open of life.held.splice(0)) open();
  }

  #expectAlarm(): void {
    const { world } = this.#parts;
    const { alarmAtMs } = this.disk;
    this.#callOffAlarm();
    if (alarmAtMs === null || this.#alarmRuns) return;
    // An alarm comes late at times, never early.
    const lateMs = world.random.chance(0.1) ? world.random.int(1, 2_000) : 0;
    this.#callOffAlarm = world.timeline.after(
      alarmAtMs - world.timeline.nowMs + lateMs,
      () => void this.#runAlarm().catch((error: unknown) => world.violate("alarm", String(error))),
    );
  }

  /** Alarms never overlap: one that is set meanwhile waits until this one is done. */
  async #runAlarm(): Promise<void> {
    const { world } = this.#parts;
    this.#alarmRuns = true;
    this.disk.takeAlarm();
    const { life, task } = this.#awake();
    world.note(`${this.name} alarm`);
    await task.alarm();
    if (!life.alive) return;
    if (world.crashes.strikes("at the end of a slice")) return this.crash(life, "at the end of a slice");
    await this.gate(life);
    this.#alarmRuns = false;
    this.#expectAlarm();
    this.#perhapsEvict();
  }

  #perhapsEvict(): void {
    const { world } = this.#parts;
    const life = this.#life;
    if (life === null || world.isCalm || !world.random.chance(0.6)) return;
    void world.timeline.after(world.random.int(0, 12_000), () => {
      if (!life.alive || this.#alarmRuns || this.disk.dirty) return;
      if (life.unanswered.size > 0 || life.out > 0) return;
      if (world.crashes.strikes("when idle")) this.crash(life, "when idle");
    });
  }
}

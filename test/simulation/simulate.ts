import { familyOf } from "../../durable-objects/family.ts";
import { viewOf } from "../../durable-objects/task-view.ts";
import type { HostedTask } from "../../durable-objects/hosted-task.ts";
import { D1AuditLog } from "../../src/storage/audit-log.ts";
import type { CallDoor, FamilyDoor, TaskDoor, ToolRequest } from "../../src/ports.ts";
import type { ConsumerDoor } from "../../src/queue/consumer.ts";
import { Departures } from "./checks/departures.ts";
import {
  acknowledgesWhatArrived,
  growsInOrder,
  isAudited,
  isItsTenants,
  isProjected,
} from "./checks/audit.ts";
import { hasComeToRest, recordsWhatWasHandedIn, replaysEqually, tookEffectOnce } from "./checks/end.ts";
import { everyCommit } from "./checks/every-commit.ts";
import { type Report, type Seen, Witness } from "./checks/witness.ts";
import type { CrashCounts } from "./crashes.ts";
import { SimulatedD1 } from "./d1.ts";
import type { Disk } from "./disk.ts";
import { Ledger, type Via } from "./ledger.ts";
import { Machine } from "./machine.ts";
import { SimulatedModels } from "./models.ts";
import { type Seams, type Surroundings, bootObject } from "./object.ts";
import { People } from "./people.ts";
import { SimulatedQueues } from "./queues.ts";
import { SimulatedRights } from "./rights.ts";
import { type Scenario, makeScenario } from "./scenario.ts";
import { rowsOf } from "./stored.ts";
import { stubOf } from "./stub.ts";
import { SimulatedTools } from "./tools.ts";
import { Weather } from "./weather.ts";
import type { CommitRow } from "../../src/contracts/journal.ts";
import { TaskStore } from "../../src/storage/task-store.ts";
import { virtualTimeouts } from "./virtual-timeouts.ts";
import { type Violation, World } from "./world.ts";

/** More moments than this, and something goes round in circles. */
const STEPS_MAX = 60_000;

export interface Simulated {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly crashes: CrashCounts;
  readonly commits: number;
  /** What each task has stored by the end. */
  readonly journals: ReadonlyMap<string, readonly CommitRow[]>;
  /** How often each event was committed, and whatever else is worth counting. */
  readonly met: ReadonlyMap<string, number>;
  readonly trace: string;
}

/** Unrolls one world from its seed to its end, and says what was wrong with it. */
export async function simulate(seed: number, seams: Seams = {}): Promise<Simulated> {
  const simulation = new Simulation(seed, seams);
  const restore = virtualTimeouts(simulation.world.timeline);
  try {
    return await simulation.run(seed);
  } finally {
    restore();
    simulation.close();
  }
}

class Simulation {
  readonly world: World;
  readonly #seams: Seams;
  readonly #scenario: Scenario;
  readonly #ledger: Ledger;
  readonly #rights: SimulatedRights;
  readonly #d1: SimulatedD1;
  readonly #people: People;
  readonly #witnesses = new Map<string, Witness>();
  readonly #machines = new Map<string, Machine>();

  constructor(seed: number, seams: Seams) {
    const world = new World(seed);
    this.world = world;
    this.#seams = seams;
    this.#scenario = makeScenario(world.random, world.timeline.nowMs);
    this.#ledger = new Ledger(world);
    this.#rights = new SimulatedRights(world);
    this.#d1 = this.#makeD1();
    this.#people = new People(world, (task) => this.#stub(task));
    const around = this.#surroundings();
    for (const { order } of this.#scenario.tasks) {
      const name = order.task.slice(4, 8);
      this.#witnesses.set(order.task, new Witness(order, everyCommit(this.#rights), this.#report));
      const boot = bootObject(world, around, seams);
      this.#machines.set(
        order.task,
        new Machine({
          world,
          name,
          holdsBack: seams.holdsBack ?? true,
          boot: (machine, life) => this.#booted(order.task, boot(machine, life)),
          flushed: (disk, life) => this.#flushed(order.task, disk, life),
        }),
      );
    }
  }

  async run(seed: number): Promise<Simulated> {
    const { world } = this;
    const { timeline, random } = world;
    for (const { order } of this.#scenario.tasks)
      void timeline.after(random.int(0, 2_000), () => void this.#people.start(order));
    void timeline.after(random.int(10_000, 400_000), () => world.calm());
    await this.#unroll();
    const paused = [...this.#witnesses]
      .filter(([, { state }]) => state?.paused === true)
      .map(([task]) => task);
    void this.#people.liftPauses(paused);
    await this.#unroll();
    void this.#conclude().catch((error: unknown) => world.violate("J2", String(error)));
    await this.#unroll();
    const witnesses = [...this.#witnesses.values()];
    return {
      seed,
      violations: world.violations,
      crashes: world.crashes.counts,
      commits: witnesses.reduce((sum, { rows }) => sum + rows.length, 0),
      journals: this.#journals(),
      met: world.met,
      trace: world.trace,
    };
  }

  close(): void {
    for (const machine of this.#machines.values()) machine.close();
    this.#d1.close();
  }

  readonly #report: Report = (invariant, what) => this.world.violate(invariant, what);

  async #unroll(): Promise<void> {
    if (!(await this.world.timeline.run(STEPS_MAX)))
      this.world.violate("ends", "the world does not come to rest");
  }

  #surroundings(): Surroundings {
    const { world } = this;
    const departures = new Departures((task) => this.#witnesses.get(task), this.#report);
    const tools = new SimulatedTools(world, this.#ledger, (request: ToolRequest, via: Via) => {
      this.#belongs("a call", request.context.tenant, request.context.task);
      departures.tool(request, via);
    });
    const tasks = this.#scenario.tasks;
    const plans = new Map(tasks.map(({ order, plan }) => [order.traceparent, plan]));
    const taskOf = new Map(tasks.map(({ order }) => [order.traceparent, order.task]));
    const models = new SimulatedModels(world, plans, (request, via) =>
      departures.model(request, via, taskOf.get(request.traceparent) ?? ""),
    );
    const queue = new SimulatedQueues({
      world,
      door: (tenant, task) => {
        this.#belongs("a message", tenant, task);
        return this.#watched(task, this.#seams.door?.(this.#stub(task)) ?? this.#stub(task));
      },
      models: models.provider("queued"),
      tools: tools.gateway("queued"),
      ended: (task) => this.#witnesses.get(task)?.state?.phase.kind === "ended",
    });
    return {
      models: models.provider("inline"),
      tools: tools.gateway("inline"),
      queue,
      audit: new D1AuditLog(this.#d1.binding),
      rights: this.#rights,
      family: familyOf((_tenant, task) => this.#stub(task)),
    };
  }

  /** N1. Whatever leaves for a task leaves in its tenant's name. */
  #belongs(what: string, tenant: string, task: string): void {
    const own = this.#witnesses.get(task)?.order.tenant;
    if (own !== tenant) this.#report("N1", `${what} of ${task} (${own}) goes out for ${tenant}`);
  }

  #makeD1(): SimulatedD1 {
    const { world } = this;
    const weather = new Weather(world, { chance: 0.4, withinMs: 60_000, lastsMs: 200_000 });
    return new SimulatedD1(async (work) => {
      await world.timeline.sleep(world.networkMs());
      if (weather.isDown) throw new Error("D1 is down");
      const result = work();
      growsInOrder(this.#d1, this.#report);
      await world.timeline.sleep(world.networkMs());
      if (!world.isCalm && world.random.chance(0.03)) throw new Error("D1's answer was lost");
      return result;
    });
  }

  /** Remembers which successes went through this door. */
  #watched(task: string, door: ConsumerDoor): ConsumerDoor {
    return {
      ...door,
      settle: async (settlements) => {
        await door.settle(settlements);
        for (const settlement of settlements)
          if (settlement.kind === "tool" && settlement.result.kind === "done")
            this.#witnesses.get(task)?.handedIn.add(settlement.id);
      },
    };
  }

  #stub(task: string): TaskDoor & CallDoor & FamilyDoor {
    const machine = this.#machines.get(task);
    if (machine === undefined) throw new Error(`there is no ${task}`);
    return stubOf(machine);
  }

  /** J2. Whatever wakes up must be what is durable. */
  #booted(name: string, task: HostedTask): HostedTask {
    const witness = this.#witnesses.get(name);
    const { rows = [], state = null } = witness ?? {};
    if (state === null) return task;
    const expected = JSON.stringify(viewOf(state, { seq: rows.length, hash: rows.at(-1)?.hash ?? "" }));
    void task.view().then((view) => {
      if (JSON.stringify(view) !== expected) this.#report("J2", `${name} wakes up as something else`);
    });
    void task.replay().then((replayed) => {
      if (replayed?.equal !== true)
        this.#report("J2", `${name} wakes up as what its journal does not fold to`);
    });
    return task;
  }

  #flushed(task: string, disk: Disk, life: number): void {
    const witness = this.#witnesses.get(task);
    if (witness === undefined) return;
    for (const row of rowsOf(disk, witness.rows.length)) {
      const seen = witness.take(row, life);
      if (seen === null) return;
      this.#saw(task, seen);
    }
    const acknowledged = this.#acknowledged(disk);
    acknowledgesWhatArrived(this.#d1, task, { acknowledged, report: this.#report });
  }

  #saw(task: string, { row, events, command }: Seen): void {
    this.world.note(`${task.slice(4, 8)} @${row.seq} ${command.type}: ${events.map(brief).join(" ")}`);
    for (const event of events) {
      this.world.meet(event.type);
      if (event.type === "approvalOpened") this.#people.asked(task, event.approval);
      if (event.type === "callClaimed") this.#people.sawClaim(task);
      if (event.type === "taskFailed") this.#people.sawFailure(task, row.seq);
    }
  }

  #acknowledged(disk: Disk): number {
    const exec = (query: string, ...bindings: readonly (string | number)[]) => disk.rows(query, ...bindings);
    return new TaskStore({ exec, transaction: (work) => work() }).auditedSeq;
  }

  /** A task that was never made has none. */
  #journals(): ReadonlyMap<string, readonly CommitRow[]> {
    const stored = [...this.#machines].map(([task, { disk }]) => [task, rowsOf(disk, 0)] as const);
    return new Map(stored.filter(([, rows]) => rows.length > 0));
  }

  async #conclude(): Promise<void> {
    for (const witness of this.#witnesses.values()) {
      hasComeToRest(witness, this.#report);
      isAudited(this.#d1, witness, this.#report);
      isProjected(this.#d1, witness, this.#report);
      isItsTenants(this.#d1, witness, this.#report);
      recordsWhatWasHandedIn(witness, this.#report);
      tookEffectOnce(this.#ledger, witness, this.#report);
      const machine = this.#machines.get(witness.order.task);
      machine?.forget();
      await machine?.request("replay", (task) => replaysEqually(task, witness, this.#report));
    }
  }
}

function brief(event: Seen["events"][number]): string {
  const about = "call" in event ? event.call.split(".").slice(1).join(".") : "";
  return about === "" ? event.type : `${event.type}(${about})`;
}

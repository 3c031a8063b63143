import { D1AuditLog } from "../../src/storage/audit-log.ts";
import type { ToolRequest } from "../../src/contracts/call.ts";
import type { ConsumerDoor } from "../../src/queue/consumer.ts";
import { Departures } from "./checks/departures.ts";
import {
  acknowledgesWhatArrived,
  growsInOrder,
  isAudited,
  isItsTenants,
  isProjected,
} from "./checks/audit.ts";
import { gaveAllBack } from "./checks/allowances.ts";
import { hasComeToRest, recordsWhatWasHandedIn, replaysEqually, tookEffectOnce } from "./checks/end.ts";
import { everyCommit } from "./checks/every-commit.ts";
import { joinsMet } from "./checks/joins.ts";
import { climbsMet } from "./checks/ladder.ts";
import { routesMet } from "./checks/routes.ts";
import { type WitnessOf, leavesNobodyBehind, treeChecks } from "./checks/tree.ts";
import type { Report, Seen } from "./checks/witness.ts";
import type { CrashCounts } from "./crashes.ts";
import { SimulatedD1 } from "./d1.ts";
import type { Disk } from "./disk.ts";
import { Ledger, type Via } from "./ledger.ts";
import { SimulatedHealth } from "./health.ts";
import { Homes } from "./homes.ts";
import { Ways } from "./kin.ts";
import { SimulatedModels } from "./models.ts";
import { type Seams, type Surroundings, bootObject } from "./object.ts";
import { People } from "./people.ts";
import { SimulatedAllowances } from "./allowances.ts";
import { type Plan, makeChildPlan } from "./plans.ts";
import { Random } from "./random.ts";
import { SimulatedResponses } from "./responses.ts";
import { SimulatedQueues } from "./queues.ts";
import { SimulatedRights } from "./rights.ts";
import { type Scenario, makeScenario } from "./scenario.ts";
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
  readonly #plans: Map<string, Plan>;
  readonly #ledger: Ledger;
  readonly #rights: SimulatedRights;
  readonly #d1: SimulatedD1;
  readonly #people: People;
  readonly #homes: Homes;
  readonly #allowances: SimulatedAllowances;
  readonly #responses: SimulatedResponses;

  constructor(seed: number, seams: Seams) {
    const world = new World(seed);
    this.world = world;
    this.#seams = seams;
    this.#scenario = makeScenario(world.random, world.timeline.nowMs);
    this.#plans = new Map(this.#scenario.tasks.map(({ order, plan }) => [order.task, plan]));
    this.#ledger = new Ledger(world);
    this.#rights = new SimulatedRights(world);
    this.#d1 = this.#makeD1();
    this.#people = new People(world, (task) => this.#homes.stub(task));
    this.#allowances = new SimulatedAllowances(world, {
      random: new Random(seed * 7 + 5),
      report: this.#report,
      seams: seams.allowances ?? {},
    });
    this.#responses = new SimulatedResponses(world, this.#witnessOf, this.#report);
    const around = this.#surroundings(new SimulatedHealth(world, new Random(~seed)));
    this.#homes = new Homes({
      world,
      checks: [...everyCommit(this.#rights), ...treeChecks(this.#witnessOf, world)],
      report: this.#report,
      holdsBack: seams.holdsBack ?? true,
      boot: bootObject(world, around, seams),
      saw: (task, seen) => this.#saw(task, seen),
      flushed: (task, disk) => this.#flushed(task, disk),
    });
    for (const { order } of this.#scenario.tasks) this.#homes.expect(order);
  }

  async run(seed: number): Promise<Simulated> {
    const { world } = this;
    const { timeline, random } = world;
    for (const { order } of this.#scenario.tasks)
      void timeline.after(random.int(0, 2_000), () => void this.#people.start(order));
    void timeline.after(random.int(10_000, 400_000), () => world.calm());
    await this.#unroll();
    const paused = this.#homes.witnesses
      .filter(({ state }) => state?.paused === true)
      .map(({ order }) => order.task);
    void this.#people.liftPauses(paused);
    await this.#unroll();
    void this.#conclude().catch((error: unknown) => world.violate("J2", String(error)));
    await this.#unroll();
    return {
      seed,
      violations: world.violations,
      crashes: world.crashes.counts,
      commits: this.#homes.witnesses.reduce((sum, { rows }) => sum + rows.length, 0),
      journals: this.#homes.journals(),
      met: world.met,
      trace: world.trace,
    };
  }

  close(): void {
    this.#homes.close();
    this.#d1.close();
  }

  readonly #report: Report = (invariant, what) => this.world.violate(invariant, what);
  readonly #witnessOf: WitnessOf = (task) => this.#homes.witness(task);

  async #unroll(): Promise<void> {
    if (!(await this.world.timeline.run(STEPS_MAX)))
      this.world.violate("ends", "the world does not come to rest");
  }

  #surroundings(health: SimulatedHealth): Surroundings {
    const { world } = this;
    const departures = new Departures(this.#witnessOf, this.#report);
    const tools = new SimulatedTools(world, this.#ledger, (request: ToolRequest, via: Via) => {
      this.#belongs("a call", request.context.tenant, request.context.task);
      departures.tool(request, via);
    });
    const models = new SimulatedModels(world, {
      planOf: ({ id }) => this.#planOf(taskOf(id)),
      left: (request, via) => departures.model(request, via, taskOf(request.id)),
      ails: ({ model }) => health.ails(model.model),
      responses: this.#responses,
    });
    const ways = new Ways(world);
    const queue = new SimulatedQueues({
      world,
      door: (tenant, task) => {
        this.#belongs("a message", tenant, task);
        const stub = this.#homes.stub(task);
        return this.#watched(task, this.#seams.door?.(stub) ?? stub);
      },
      models: models.provider("queued"),
      tools: tools.gateway("queued"),
      ended: (task) => this.#witnessOf(task)?.state?.phase.kind === "ended",
    });
    return {
      models: models.provider("inline"),
      background: this.#responses,
      tools: tools.gateway("inline"),
      queue,
      audit: new D1AuditLog(this.#d1.binding),
      rights: this.#rights,
      health,
      allowances: this.#allowances,
      kin: (tenant, task) => {
        this.#belongs("a word", tenant, task);
        return ways.to(this.#homes.stub(task));
      },
    };
  }

  /** A child does what follows from its name, whenever it first thinks. */
  #planOf(task: string): Plan | undefined {
    const known = this.#plans.get(task);
    const order = this.#witnessOf(task)?.order;
    if (known !== undefined || order === undefined) return known;
    const plan = makeChildPlan(
      new Random(Number.parseInt(task.slice(4, 12), 16)),
      order.agent,
      task.slice(4, 12),
    );
    this.#plans.set(task, plan);
    return plan;
  }

  /** N1. Whatever leaves for a task leaves in its tenant's name. */
  #belongs(what: string, tenant: string, task: string): void {
    const own = this.#homes.tenantOf(task);
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
            this.#witnessOf(task)?.handedIn.add(settlement.id);
      },
    };
  }

  #flushed(task: string, disk: Disk): void {
    const acknowledged = this.#acknowledged(disk);
    acknowledgesWhatArrived(this.#d1, task, { acknowledged, report: this.#report });
  }

  #saw(task: string, seen: Seen): void {
    const { row, events, command } = seen;
    for (const what of [...joinsMet(seen), ...routesMet(seen), ...climbsMet(seen)]) this.world.meet(what);
    this.world.note(`${task.slice(4, 8)} @${row.seq} ${command.type}: ${events.map(brief).join(" ")}`);
    for (const event of events) {
      this.world.meet(event.type);
      if (event.type === "taskCreated" && !this.#plans.has(task)) this.#people.recruited(task);
      if (event.type === "approvalOpened") this.#people.asked(task, event.approval);
      if (event.type === "callClaimed") this.#people.sawClaim(task);
      if (event.type === "taskFailed") this.#people.sawFailure(task, row.seq);
    }
  }

  #acknowledged(disk: Disk): number {
    const exec = (query: string, ...bindings: readonly (string | number)[]) => disk.rows(query, ...bindings);
    return new TaskStore({ exec, transaction: (work) => work() }).auditedSeq;
  }

  async #conclude(): Promise<void> {
    const { nowMs } = this.world.timeline;
    this.#responses.conclude();
    gaveAllBack(this.#allowances, this.#homes.witnesses, { report: this.#report, nowMs });
    for (const witness of this.#homes.witnesses) {
      hasComeToRest(witness, this.#report);
      leavesNobodyBehind(witness, this.#witnessOf, this.#report);
      isAudited(this.#d1, witness, this.#report);
      isProjected(this.#d1, witness, this.#report);
      isItsTenants(this.#d1, witness, this.#report);
      recordsWhatWasHandedIn(witness, this.#report);
      tookEffectOnce(this.#ledger, witness, this.#report);
      const machine = this.#homes.machine(witness.order.task);
      machine?.forget();
      await machine?.request("replay", (task) => replaysEqually(task, witness, this.#report));
    }
  }
}

/** Ids begin with their task. */
function taskOf(id: string): string {
  return id.slice(0, id.indexOf("."));
}

function brief(event: Seen["events"][number]): string {
  const about = "call" in event ? event.call.split(".").slice(1).join(".") : "";
  return about === "" ? event.type : `${event.type}(${about})`;
}

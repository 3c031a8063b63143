import { setTimeout as wait } from "node:timers/promises";
import { Approver } from "./approver.ts";
import { type Case, type Makers, casesOf, roundSize } from "./cases.ts";
import { Random } from "../../simulation/random.ts";
import type { Evidence, Promised, Ran } from "./evidence.ts";
import { Killer } from "./killer.ts";
import type { RetailSource } from "./retail-source.ts";
import { type Stage, TENANT, setStage } from "./stage.ts";
import { activitiesOf } from "./moments.ts";
import { auditedRows, auditedSeqs, stateOf, storedTasks } from "./stored.ts";
import { stuckReport } from "./stuck.ts";

export interface OrdealOptions {
  readonly folder: string;
  readonly source: RetailSource;
  readonly makers: Makers;
  readonly seed: number;
  readonly kills: number;
  /** Everything ends, also what is stuck. */
  readonly msMax: number;
}

const IN_FLIGHT = 12;
const LOOK_MS = 200;
/** How often whoever is not at rest yet is given how long. */
const RESTS_MAX = 20;
const REST_MS = 2_000;
/** What comes this late in a queue and is hit there would keep the test waiting for its lease. */
const KILLS_WITHOUT_NEW_QUEUED = 6;
const ENDED: ReadonlySet<string | undefined> = new Set(["completed", "failed", "canceled"]);

/** Runs tasks, answers their questions and kills the runtime meanwhile, until it was killed often enough and every task has ended. */
export async function ordeal(options: OrdealOptions): Promise<Evidence> {
  await using stage = await setStage(options.folder, options.source);
  return await new Ordeal(stage, options).run();
}

class Ordeal {
  readonly #stage: Stage;
  readonly #options: OrdealOptions;
  readonly #cases: Generator<Case, never>;
  readonly #killer: Killer;
  readonly #approver: Approver;
  readonly #ran: Ran[] = [];
  readonly #promised: Promised[] = [];
  /** Every case is posted at least once. */
  readonly #caseCountMin: number;
  #over = false;

  constructor(stage: Stage, options: OrdealOptions) {
    const { makers, seed } = options;
    this.#stage = stage;
    this.#options = options;
    this.#cases = casesOf(makers, new Random(seed));
    this.#caseCountMin = roundSize(makers);
    this.#killer = new Killer({
      runtime: stage.runtime,
      stateDir: stage.stateDir,
      random: new Random(seed + 1),
      reader: stage.customer,
      underWay: () =>
        this.#ran.flatMap(({ view }) =>
          view === null || ENDED.has(view.status) ? [] : [{ task: view.id, seq: view.seq }],
        ),
    });
    this.#approver = new Approver({
      client: stage.approver,
      random: new Random(seed + 2),
      decisionFor: (task) => this.#ranAs(task)?.case.decision ?? null,
      tookEffect: (task, call) => this.#tookEffect(task, call),
    });
  }

  async run(): Promise<Evidence> {
    const timer = AbortSignal.timeout(this.#options.msMax);
    const late = new Promise<never>((_, reject) =>
      timer.addEventListener("abort", () => reject(new Error("It was not over in time."))),
    );
    try {
      await Promise.race([late, this.#endure()]);
      await Promise.race([late, this.#audited()]);
    } catch (error) {
      this.#over = true;
      throw new Error(`${String(error)}\n${await stuckReport(this.#stage, this.#ran)}`, { cause: error });
    }
    return await this.#evidence();
  }

  /** The approver is needed until the last task has ended, the killer as long as tasks are still posted. */
  async #endure(): Promise<void> {
    const over = (): boolean => this.#over;
    const tasks = Promise.all(Array.from({ length: IN_FLIGHT }, () => this.#keepPosting()));
    const killing = this.#killer.work(this.#options.kills, over);
    await Promise.all([
      Promise.all([tasks, killing]).then(() => (this.#over = true)),
      this.#approver.work(over),
    ]);
  }

  async #keepPosting(): Promise<void> {
    while (!this.#over && !this.#isEnough()) {
      const next = this.#nextCase();
      const ran: Ran = { case: next, task: null, view: null };
      this.#ran.push(ran);
      await this.#watch(ran);
    }
  }

  #isEnough(): boolean {
    return this.#killer.kills.length >= this.#options.kills && this.#ran.length >= this.#caseCountMin;
  }

  #nextCase(): Case {
    const isLate = this.#killer.kills.length > this.#options.kills - KILLS_WITHOUT_NEW_QUEUED;
    for (;;) {
      const next = this.#cases.next().value;
      if (!isLate || !next.agent.endsWith("-queued")) return next;
    }
  }

  /** Posts a case until that was acknowledged, and looks at its task until it has ended. */
  async #watch(ran: Ran): Promise<void> {
    const { customer } = this.#stage;
    const { id, agent, text, interactive } = ran.case;
    while (!this.#over && !ENDED.has(ran.view?.status)) {
      const view =
        ran.task === null
          ? await customer.create(id, { agent, input: { text }, interactive })
          : await customer.view(ran.task);
      if (view !== null) {
        ran.task = view.id;
        ran.view = view;
        this.#promised.push({ task: view.id, seq: view.seq, hash: view.hash });
      }
      await wait(LOOK_MS);
    }
  }

  #ranAs(task: string): Ran | undefined {
    return this.#ran.find((ran) => ran.task === task);
  }

  async #tookEffect(task: string, key: string): Promise<boolean> {
    const { calls } = await this.#stage[this.#ranAs(task)?.case.server ?? "shop"].arrivals(task);
    return calls.some((call) => call.key === key && call.applied > 0);
  }

  /** Waits until the audit log has every commit of every task. */
  async #audited(): Promise<void> {
    for (const { task } of this.#ran) {
      if (task === null) continue;
      let state = await this.#stage.customer.auditState(task);
      while (state !== "intact") {
        if (state === "broken") throw new Error(`The audit chain of ${task} is broken.`);
        await wait(LOOK_MS);
        state = await this.#stage.customer.auditState(task);
      }
    }
  }

  /** Children are not watched from outside: that they are at rest as well is seen on the disk. */
  async #killAtRest(): Promise<void> {
    const { runtime, stateDir } = this.#stage;
    for (let tries = 1; ; tries++) {
      await runtime.kill();
      const audited = auditedSeqs(stateDir);
      const busy = [...storedTasks(stateDir).values()].filter(
        ({ task, rows }) => activitiesOf(stateOf(rows), audited.get(task) ?? 0).size > 0,
      );
      if (busy.length === 0) return;
      if (tries === RESTS_MAX) throw new Error(`${busy.map(({ task }) => task).join(", ")} does not rest.`);
      await runtime.restart();
      await wait(REST_MS);
    }
  }

  /** One more kill, which does not count: what was told before it is found on the disk, or was never durable. */
  async #evidence(): Promise<Evidence> {
    const { stateDir, shop, ledger } = this.#stage;
    await this.#killAtRest();
    const stored = [...storedTasks(stateDir).values()];
    const [inShop, inLedger] = await Promise.all([shop.arrivals(), ledger.arrivals()]);
    const ofShop = this.#ran.flatMap((ran) =>
      ran.task === null || ran.case.server !== "shop" ? [] : [ran.task],
    );
    const changed = await Promise.all(ofShop.map(async (task) => [task, await shop.changed(task)] as const));
    return {
      tenant: TENANT,
      ran: this.#ran,
      kills: this.#killer.kills,
      answers: [...this.#approver.answers.values()],
      promised: [...this.#promised, ...this.#killer.promised],
      journals: new Map(stored.map(({ task, rows }) => [task, rows])),
      audited: auditedRows(stateDir),
      arrivals: [...inShop.arrivals, ...inLedger.arrivals],
      calls: [...inShop.calls, ...inLedger.calls],
      changed: new Map(changed),
    };
  }
}

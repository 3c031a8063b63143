import type { HostedTask } from "../../durable-objects/hosted-task.ts";
import { viewOf } from "../../durable-objects/task-view.ts";
import type { CommitRow } from "../../src/contracts/journal.ts";
import type { NewTask } from "../../src/contracts/task.ts";
import { decodeBody } from "../../src/core/task/commit.ts";
import type { CallDoor, FamilyDoor, TaskDoor } from "../../src/ports.ts";
import { childNameOf } from "./checks/tree.ts";
import { type Check, type Report, type Seen, Witness } from "./checks/witness.ts";
import type { Disk } from "./disk.ts";
import { type Life, Machine } from "./machine.ts";
import { rowsOf } from "./stored.ts";
import { stubOf } from "./stub.ts";
import type { World } from "./world.ts";

export interface HomesParts {
  readonly world: World;
  readonly checks: readonly Check[];
  readonly report: Report;
  readonly holdsBack: boolean;
  readonly boot: (machine: Machine, life: Life) => HostedTask;
  /** A commit is durable. */
  readonly saw: (task: string, seen: Seen) => void;
  /** Everything of a task is durable that is on its disk. */
  readonly flushed: (task: string, disk: Disk) => void;
}

/**
 * Each task's object, and the witness that reads along. Those that people make are known from the beginning; a child's object is there
 * once someone reaches for it, and its witness once it is made.
 */
export class Homes {
  readonly #parts: HomesParts;
  readonly #witnesses = new Map<string, Witness>();
  readonly #machines = new Map<string, Machine>();
  /** The tenants of children that calls were let go for. */
  readonly #expected = new Map<string, string>();

  constructor(parts: HomesParts) {
    this.#parts = parts;
  }

  get witnesses(): readonly Witness[] {
    return [...this.#witnesses.values()];
  }

  witness(task: string): Witness | undefined {
    return this.#witnesses.get(task);
  }

  /** A task that people mean to make. */
  expect(order: NewTask): void {
    this.#witnesses.set(order.task, this.#newWitness(order));
    this.#machines.set(order.task, this.#newMachine(order.task));
  }

  tenantOf(task: string): string | undefined {
    return this.witness(task)?.order.tenant ?? this.#expected.get(task);
  }

  stub(task: string): TaskDoor & CallDoor & FamilyDoor {
    return stubOf(this.#machine(task));
  }

  machine(task: string): Machine | undefined {
    return this.#machines.get(task);
  }

  /** A task that was never made has none. */
  journals(): ReadonlyMap<string, readonly CommitRow[]> {
    const stored = [...this.#machines].map(([task, { disk }]) => [task, rowsOf(disk, 0)] as const);
    return new Map(stored.filter(([, rows]) => rows.length > 0));
  }

  close(): void {
    for (const machine of this.#machines.values()) machine.close();
  }

  #machine(task: string): Machine {
    const known = this.#machines.get(task);
    if (known !== undefined) return known;
    if (!this.#expected.has(task))
      this.#parts.report("J1", `${task} is reached for, and nobody was let go to make it`);
    const machine = this.#newMachine(task);
    this.#machines.set(task, machine);
    return machine;
  }

  #newWitness(order: NewTask): Witness {
    return new Witness(order, this.#parts.checks, this.#parts.report);
  }

  #newMachine(task: string): Machine {
    const { world, holdsBack, boot } = this.#parts;
    return new Machine({
      world,
      name: task.slice(4, 8),
      holdsBack,
      boot: (machine, life) => this.#booted(task, boot(machine, life)),
      flushed: (disk, life) => this.#flushed(task, disk, life),
    });
  }

  /** J2. Whatever wakes up must be what is durable. */
  #booted(name: string, task: HostedTask): HostedTask {
    const { report } = this.#parts;
    const { rows = [], state = null } = this.witness(name) ?? {};
    if (state === null) return task;
    const expected = JSON.stringify(viewOf(state, { seq: rows.length, hash: rows.at(-1)?.hash ?? "" }));
    void task.view().then((view) => {
      if (JSON.stringify(view) !== expected) report("J2", `${name} wakes up as something else`);
    });
    void task.replay().then((replayed) => {
      if (replayed?.equal !== true) report("J2", `${name} wakes up as what its journal does not fold to`);
    });
    return task;
  }

  #flushed(task: string, disk: Disk, life: number): void {
    const known = this.witness(task);
    for (const row of rowsOf(disk, known?.rows.length ?? 0)) {
      const witness = this.witness(task) ?? this.#bornWith(task, row);
      const seen = witness?.take(row, life) ?? null;
      if (seen === null) return;
      this.#expectChildren(task, seen);
      this.#parts.saw(task, seen);
    }
    this.#parts.flushed(task, disk);
  }

  /** A child says itself what it is. */
  #bornWith(task: string, row: CommitRow): Witness | null {
    const { command } = decodeBody(row);
    if (command.type !== "create" || command.order.task !== task) {
      this.#parts.report("J2", `${task} does not begin as itself`);
      return null;
    }
    const witness = this.#newWitness(command.order);
    this.#witnesses.set(task, witness);
    return witness;
  }

  #expectChildren(task: string, { events }: Seen): void {
    const witness = this.witness(task);
    for (const event of events)
      if (event.type === "callClaimed" && witness?.calls.get(event.call)?.grant)
        this.#expected.set(childNameOf(event.call), witness.order.tenant);
  }
}

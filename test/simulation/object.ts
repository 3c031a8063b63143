import { familyOf } from "../../durable-objects/family.ts";
import { HostedTask } from "../../durable-objects/hosted-task.ts";
import type { Outside } from "../../durable-objects/outside.ts";
import type { Allowances } from "../../src/guards/allowance-doors.ts";
import type { BackgroundModels, HealthReader, ModelProvider } from "../../src/model-ports.ts";
import type { AuditLog, CallQueue, Family, RightsReader, ToolGateway } from "../../src/ports.ts";
import type { ConsumerDoor } from "../../src/queue/consumer.ts";
import { TaskStore } from "../../src/storage/task-store.ts";
import { coreFunctions } from "../../src/wiring.ts";
import type { AllowanceSeams } from "./allowances.ts";
import type { KinDoor } from "./kin.ts";
import type { Life, Machine, Points } from "./machine.ts";
import type { World } from "./world.ts";

/** What is outside of every object, whichever dies. */
export interface Surroundings {
  readonly models: ModelProvider;
  readonly background: BackgroundModels;
  readonly tools: ToolGateway;
  readonly queue: CallQueue;
  readonly audit: AuditLog;
  readonly rights: RightsReader;
  readonly health: HealthReader;
  readonly allowances: Allowances;
  /** The door of another task, as one task's object finds it. */
  readonly kin: (tenant: string, task: string) => KinDoor;
}

/** Where planted faults get in: the simulation's own wiring, never production code. */
export interface Seams {
  readonly outside?: (outside: Outside, store: TaskStore) => Outside;
  readonly store?: (store: TaskStore) => TaskStore;
  /** The doors as a queue's consumer finds them. */
  readonly door?: (door: ConsumerDoor) => ConsumerDoor;
  /** False: what is not durable leaves all the same. */
  readonly holdsBack?: boolean;
  readonly allowances?: AllowanceSeams;
}

/** The object as production builds it, over the machine's disk; all that it does outside goes through the machine. */
export function bootObject(
  world: World,
  around: Surroundings,
  seams: Seams,
): (machine: Machine, life: Life) => HostedTask {
  return (machine, life) => {
    const plain = new TaskStore(machine.disk.sql(life, (query) => machine.writes(life, query)));
    if (plain.snapshot !== null) world.meet("waking up from a snapshot");
    const store = seams.store?.(plain) ?? plain;
    const outside = outsideOf(world, around, { machine, life });
    return new HostedTask({ store, outside: seams.outside?.(outside, store) ?? outside, fns: coreFunctions });
  };
}

function outsideOf(
  world: World,
  around: Surroundings,
  { machine, life }: { machine: Machine; life: Life },
): Outside {
  const { timeline, random } = world;
  const isWatched = random.chance(0.3);
  return {
    ...throughMachine(around, machine, life),
    clock: { nowMs: () => world.readClock() },
    timer: {
      after: (delayMs, due) =>
        timeline.after(delayMs, () => {
          if (life.alive) due();
        }),
    },
    alarm: {
      armedAtMs: async () => machine.disk.armedAtMs,
      set: (atMs) => machine.setAlarm(life, atMs),
    },
    readers: {
      connected: () => isWatched,
      committed: () => undefined,
      partial: () => undefined,
      ended: () => undefined,
    },
    health: around.health,
    salt: () => random.hex(32),
  };
}

function throughMachine(
  around: Surroundings,
  machine: Machine,
  life: Life,
): Omit<Surroundings, "kin" | "health"> & Pick<Outside, "family"> {
  const { models, background, tools, queue, audit, rights, allowances } = around;
  return {
    models: {
      complete: (request, signal, onText) => {
        const heard = onText && ((text: string) => (life.alive ? onText(text) : undefined));
        return machine.outgoing(life, MODEL, () => models.complete(request, signal, heard));
      },
    },
    background: {
      poll: (of, signal) => machine.outgoing(life, POLL, () => background.poll(of, signal)),
      drop: (provider, response, signal) =>
        machine.outgoing(life, DROP, () => background.drop(provider, response, signal)),
    },
    tools: {
      execute: (request, signal) => machine.outgoing(life, TOOL, () => tools.execute(request, signal)),
      readBack: (request, signal) => machine.outgoing(life, READ_BACK, () => tools.readBack(request, signal)),
    },
    queue: { send: (lane, messages) => machine.outgoing(life, QUEUE, () => queue.send(lane, messages)) },
    audit: { append: (batch) => machine.outgoing(life, AUDIT, () => audit.append(batch)) },
    family: familyThrough(around, machine, life),
    allowances: {
      answer: (of, ask) => machine.outgoing(life, ALLOWANCE, () => allowances.answer(of, ask)),
    },
    rights: { read: (query) => machine.outgoing(life, RIGHTS, () => rights.read(query)) },
  };
}

/** Each step towards another object by itself, whose door is looked for once the step is let out: the dead take no further one. */
function familyThrough({ kin }: Surroundings, machine: Machine, life: Life): Family {
  const through = (points: Points): Family =>
    familyOf((tenant, task) => {
      const go = <T>(step: (door: KinDoor) => Promise<T>): Promise<T> =>
        machine.outgoing(life, points, () => step(kin(tenant, task)));
      return {
        create: (order) => go((door) => door.create(order)),
        cancel: (by, reason) => go((door) => door.cancel(by, reason)),
        howItIs: () => go((door) => door.howItIs()),
        childEnded: (call, end) => go((door) => door.childEnded(call, end)),
      };
    });
  return {
    look: (child) => through(LOOK).look(child),
    end: (child, reason) => through(END).end(child, reason),
    tell: (child, end) => through(TELL).tell(child, end),
  };
}

const LOOK = {
  out: "while a child is asked how it is",
  back: "after a child said how it is, before its commit",
} as const;
const END = { out: "while a child is ended" } as const;
const TELL = {
  out: "while a parent is told",
  back: "after a parent was told, before its commit",
} as const;
const MODEL = {
  out: "while a model call is out",
  back: "after a model answered, before its commit",
} as const;
const POLL = {
  out: "while a response is asked for",
  back: "after a response was told, before its commit",
} as const;
const DROP = {
  out: "while a response is dropped",
  back: "after a response was dropped, before its commit",
} as const;
const TOOL = { out: "while a tool call is out", back: "after a tool answered, before its commit" } as const;
const READ_BACK = {
  out: "while a read-back is out",
  back: "after a read-back answered, before its commit",
} as const;
const ALLOWANCE = {
  out: "while an allowance is asked for",
  back: "after an allowance was answered, before its commit",
} as const;
const QUEUE = { out: "while messages are sent to a queue" } as const;
const RIGHTS = { out: "while rights are read" } as const;
const AUDIT = {
  out: "while the audit log is written",
  back: "after the audit log is written, before that is kept",
} as const;

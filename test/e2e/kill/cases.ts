import type { Decision } from "../../../src/contracts/approval.ts";
import type { JsonObject } from "../../../src/contracts/json.ts";
import { type Fault, Plan } from "../../mock-model/plan.ts";
import type { RetailAction, RetailTask } from "../../retail/tasks.ts";
import type { ScriptTurn } from "../../../src/contracts/model.ts";
import { Random } from "../../simulation/random.ts";
import { LEDGER_SCRIPTS, LEDGER_WRITES } from "./ledger-scripts.ts";

/** One call that the model of a case proposes, and what is to come of it when it is let through. */
export interface PlannedCall {
  readonly tool: string;
  readonly args: JsonObject;
  readonly write: boolean;
  /** A human is asked before it leaves. */
  readonly asked: boolean;
  /** Its tool does not refuse it. Reads never take effect. */
  readonly takesEffect: boolean;
  /** A child task carries it out: it arrives nowhere. */
  readonly recruits: boolean;
}

/** One task to be posted, and what is to come of it whatever is killed meanwhile. */
export interface Case {
  /** Posted under this idempotency key: the same however often the posting is repeated. */
  readonly id: string;
  readonly agent: string;
  readonly text: string;
  readonly interactive: boolean;
  /** What the approver says to every call that they are asked about. */
  readonly decision: Decision;
  /** Every call that the model proposes, in order. */
  readonly calls: readonly PlannedCall[];
  /** Where its calls arrive. */
  readonly server: "shop" | "ledger";
  /** Records of the shop as they are to be at its end. */
  readonly changes: RetailTask["expected_changed_records"];
}

const FAULTS = ["rate_limited", "overloaded", "disconnected", "server_error"] as const;
/** A queued call that a crash takes is found again by time-outs only: long tasks would not end in this test's time. */
const QUEUED_CALLS_MAX = 6;

type Maker = (id: string) => Case;
/** The kinds of tasks that are posted. */
export type Makers = (random: Random) => readonly Maker[];

/** All tasks again and again, each time shuffled anew and under names of their own. */
export function* casesOf(makersOf: Makers, random: Random): Generator<Case, never> {
  for (let round = 1; ; round++) {
    const makers = shuffled(makersOf(random), random);
    for (const [n, make] of makers.entries()) yield make(`round-${round}-${n}`);
  }
}

/** How many cases make a round. */
export function roundSize(makersOf: Makers): number {
  return makersOf(new Random(0)).length;
}

/** Tasks whose agents recruit others. */
export function familyMakers(): readonly Maker[] {
  return Array.from({ length: 4 }, () => (id: string) => ledgerCase("lead", id, "approve"));
}

/** Tasks that work alone, with the shop's tools and with the ledger's. */
export function loneMakers(retail: readonly RetailTask[], random: Random): readonly Maker[] {
  return [
    ...retail.map(
      (task): Maker =>
        (id) =>
          retailCase(task, id, random),
    ),
    ...["clerk", "clerk", "clerk-queued", "surveyor"].flatMap((agent): readonly Maker[] => [
      (id) => ledgerCase(agent, id, "approve"),
      (id) => ledgerCase(agent, id, random.chance(0.3) ? "deny" : "approve"),
    ]),
  ];
}

function retailCase(task: RetailTask, id: string, random: Random): Case {
  const { actions } = task;
  const plan = Plan.parse({
    scenario: "actions",
    id,
    actions: actions.map(({ name, arguments: args }) => ({ tool: name, args })),
    delayMs: random.int(20, 90),
    faults: random.chance(0.25) ? [faultIn(actions.length, random)] : [],
  });
  const decision = random.chance(0.2) ? "deny" : "approve";
  return {
    id: `${id}-retail-${encodeURIComponent(task.id)}`,
    agent: actions.length <= QUEUED_CALLS_MAX && random.chance(0.3) ? "retail-queued" : "retail",
    text: JSON.stringify(plan),
    interactive: random.chance(0.5),
    decision,
    calls: actions.map(plannedCall),
    server: "shop",
    changes: decision === "approve" ? task.expected_changed_records : {},
  };
}

function plannedCall({ name, arguments: args, kind, result_is_error: refused }: RetailAction): PlannedCall {
  const write = kind === "write";
  return { tool: name, args, write, asked: write, takesEffect: write && !refused, recruits: false };
}

function faultIn(turns: number, random: Random): Fault {
  return { turn: random.int(0, turns), kind: random.pick(FAULTS), times: 1, retryAfterS: 0 };
}

export function ledgerCase(agent: string, id: string, decision: Decision): Case {
  return {
    id: `${id}-${agent}`,
    agent,
    text: "Go.",
    interactive: false,
    decision,
    calls: scriptOf(agent)
      .flatMap((turn) => ("calls" in turn ? turn.calls : []))
      .map(({ tool, args }) => {
        const write = LEDGER_WRITES.has(tool);
        return {
          tool,
          args: { ...args },
          write,
          asked: tool === "send_letter",
          takesEffect: write,
          recruits: tool.startsWith("ask_"),
        };
      }),
    server: "ledger",
    changes: {},
  };
}

function scriptOf(agent: string): readonly ScriptTurn[] {
  const name = agent.replace("-queued", "");
  const [, script] = Object.entries(LEDGER_SCRIPTS).find(([known]) => known === name) ?? [];
  if (script === undefined) throw new Error(`Nobody wrote a script for ${agent}.`);
  return script;
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(random.int(0, left.length - 1), 1));
}

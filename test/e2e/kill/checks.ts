import type { CommitRow } from "../../../src/contracts/journal.ts";
import { verifyChain } from "../../../src/core/chain.ts";
import { decodeBody } from "../../../src/core/task/commit.ts";
import { sha256 } from "../../../src/hash.ts";
import { differences } from "../../retail/compare.ts";
import { plainCanonicalJson, sha256 as argsSha256 } from "../../retail/recorded-json.ts";
import type { PlannedCall } from "./cases.ts";
import type { Evidence } from "./evidence.ts";
import type { CallFacts } from "./journal-facts.ts";
import { type KnownTask, knownTasks } from "./known-task.ts";
import { stateOf } from "./stored.ts";

/** A sentence for everything that is not as it must be; none when all is well. */
export type Faults = readonly string[];

/** Every task that was posted is there once, has completed, and left the shop's records as they should be. */
export function endings({ ran, journals, changed }: Evidence): Faults {
  const lost = ran.flatMap(({ case: { id, changes }, task, view }) => {
    const rows = journals.get(task ?? "");
    if (task === null || rows === undefined) return [`${id} is lost`];
    const { phase } = stateOf(rows);
    const status = phase.kind === "ended" ? phase.end.status : phase.kind;
    const wrong = status === "completed" && view?.status === status ? [] : [`${id} ${task} is ${status}`];
    return [
      ...wrong,
      ...differences(changed.get(task) ?? {}, changes).map((what) => `${id} ${task}: ${what}`),
    ];
  });
  const twins = journals.size - ran.length;
  return twins === 0 ? lost : [...lost, `${twins} journals belong to no case`];
}

/** What the runtime ever told, and what lay on the disk when it was killed, is in the journals that are left. */
export function promises({ promised, journals }: Evidence): Faults {
  return promised
    .filter(({ task, seq, hash }) => journals.get(task)?.[seq - 1]?.hash !== hash)
    .map(({ task, seq }) => `commit ${seq} of ${task} was told, and is gone or another`);
}

/** A1. Every question was answered once, by its approver, with the word that they gave; or closed because its call came back. */
export function answers(evidence: Evidence): Faults {
  const said = new Map(evidence.answers.map((answer) => [answer.approval, answer]));
  return knownTasks(evidence).flatMap(({ journal }) =>
    [...journal.approvals.values()].flatMap(({ id, approver, answers: taken, closedFor }) => {
      const [answer, ...more] = taken;
      if (answer === undefined) return closedFor === "call_settled" ? [] : [`${id} was never answered`];
      if (more.length > 0) return [`${id} was answered ${taken.length} times`];
      const right = answer.by === approver && answer.decision === said.get(id)?.decision;
      return right ? [] : [`${id} has an answer that its approver never gave`];
    }),
  );
}

/** One key a proposal: each call that arrived is one that was proposed, and none was ever sent under a second key. */
export function keys(evidence: Evidence): Faults {
  return knownTasks(evidence).flatMap((known) => [
    ...known.arrivals.flatMap((arrival) => {
      const call = known.journal.calls.get(arrival.key ?? "");
      const same = call?.tool === arrival.tool && [call.argsDigest, null].includes(arrival.argsDigest);
      return same ? [] : [`${arrival.key} arrived at ${arrival.tool} and is no such proposal`];
    }),
    ...keysOfEqualCalls(known),
    ...repeated([...known.journal.calls.values()].map(({ turn, index }) => `${turn}.${index}`)).map(
      (place) => `${known.task} has two proposals at ${place}`,
    ),
  ]);
}

/** Told without the journal: as many keys came for a tool and its arguments as the case has such calls that are let through. */
function keysOfEqualCalls({ task, case: { calls, decision }, arrivals }: KnownTask): Faults {
  const sent = calls
    .filter(({ asked, recruits }) => !recruits && (!asked || decision === "approve"))
    .map(equalityOf);
  const came = Map.groupBy(arrivals, ({ tool, argsDigest }) => `${tool} ${argsDigest}`);
  return [...new Set([...sent, ...came.keys()])].flatMap((equal) => {
    const wanted = sent.filter((other) => other === equal).length;
    const found = new Set(came.get(equal)?.map(({ key }) => key)).size;
    // An arrival that broke off before its body was read has no digest, and another one that has.
    return found === wanted || equal.endsWith(" null")
      ? []
      : [`${task}: ${found} keys, not ${wanted}, for ${equal}`];
  });
}

function equalityOf({ tool, args }: PlannedCall): string {
  return `${tool} ${argsSha256(plainCanonicalJson(args))}`;
}

/** E1. Every call settled once, and nothing arrived for it after that was durable. */
export function settlements(evidence: Evidence): Faults {
  return knownTasks(evidence).flatMap(({ journal, arrivals }) =>
    [...journal.calls.values()].flatMap(({ id, settledAtMs: [settledMs, ...again] }) => {
      if (settledMs === undefined) return [`${id} never settled`];
      if (again.length > 0) return [`${id} settled ${again.length + 1} times`];
      const late = arrivals.filter(({ key, at }) => key === id && at > settledMs);
      return late.map(({ at }) => `${id} arrived ${at - settledMs} ms after it had settled`);
    }),
  );
}

/** Every write that was let through took effect once, unless its tool refused it; no other ever did. */
export function effects(evidence: Evidence): Faults {
  return knownTasks(evidence).flatMap((known) =>
    inOrder(known).flatMap((call, n) => {
      const planned = known.case.calls[n];
      const letThrough = planned?.asked === false || known.case.decision === "approve";
      const wanted = planned?.write === true && letThrough && planned.takesEffect ? 1 : 0;
      const found = known.callsByKey.get(call.id)?.applied ?? 0;
      const counts = planned?.write === true;
      return counts && found !== wanted
        ? [`${call.id} ${call.tool} took effect ${found} times, not ${wanted}`]
        : [];
    }),
  );
}

/** P1. What a human is asked about neither left nor arrived before they said yes, by the journal's clock and by their own. */
export function permissions(evidence: Evidence): Faults {
  const saidAtMs = new Map(
    evidence.answers.map(({ approval, firstTriedAtMs }) => [approval, firstTriedAtMs]),
  );
  return knownTasks(evidence).flatMap((known) =>
    inOrder(known).flatMap((call, n) =>
      known.case.calls[n]?.asked === true ? unasked(known, call, saidAtMs) : [],
    ),
  );
}

function unasked(
  { journal, arrivals }: KnownTask,
  call: CallFacts,
  saidAtMs: ReadonlyMap<string, number>,
): Faults {
  const arrivedAtMs = arrivals.filter(({ key }) => key === call.id).map(({ at }) => at);
  const yes = call.answered.find(({ decision }) => decision === "approve");
  if (yes === undefined)
    return arrivedAtMs.length + call.intendedSeqs.length === 0 ? [] : [`${call.id} left without a yes`];
  const asked = [...journal.approvals.values()].filter((approval) => approval.call === call.id);
  const firstSaidMs = Math.min(...asked.map(({ id }) => saidAtMs.get(id) ?? Infinity));
  const early = arrivedAtMs.some((at) => at < Math.max(yes.atMs, firstSaidMs));
  return early || call.intendedSeqs.some((seq) => seq < yes.seq) ? [`${call.id} left before the yes`] : [];
}

/** L1. The audit log has the journal's rows and no others, its chain holds, and it names each call of the case once, in order. */
export function audit({ tenant, audited, journals, ran }: Evidence): Faults {
  const faults = ran.flatMap(({ case: { calls }, task }) => {
    const rows = audited.get(task ?? "") ?? [];
    const journal = journals.get(task ?? "") ?? [];
    const head = journal.at(-1);
    if (task === null || head === undefined) return [];
    const { state, fault } = verifyChain(sha256, { tenant, task }, rows, head);
    if (state !== "intact")
      return [`the audit log of ${task} is ${state} at ${fault?.seq ?? rows.length + 1}`];
    if (JSON.stringify(rows) !== JSON.stringify(journal))
      return [`the audit log of ${task} is not its journal`];
    const named = rows.flatMap(proposedIn).join(" ");
    const planned = calls.map(({ tool }) => tool).join(" ");
    return named === planned ? [] : [`the audit log of ${task} names ${named}, not ${planned}`];
  });
  const strangers = [...audited.keys()].filter((task) => !journals.has(task));
  return [...faults, ...strangers.map((task) => `the audit log has rows of ${task}, which has no journal`)];
}

function proposedIn(row: CommitRow): readonly string[] {
  return decodeBody(row).events.flatMap((event) => (event.type === "callProposed" ? [event.tool] : []));
}

/** The calls in the order in which they were proposed, which is that of the case. */
function inOrder({ journal }: KnownTask): readonly CallFacts[] {
  return [...journal.calls.values()].toSorted((a, b) => a.turn - b.turn || a.index - b.index);
}

function repeated(names: readonly string[]): readonly string[] {
  return names.filter((name, n) => names.indexOf(name) < n);
}

import type { JoinRule } from "../contracts/join.ts";
import type { Outcome } from "../contracts/outcome.ts";

/** One call of a join, in the order of the proposals: how it ended, and in which commit; null while it is open. */
export interface Part {
  readonly tool: string;
  readonly settled: { readonly outcome: Outcome; readonly seq: number } | null;
}

/** How a join closes. `chosen`: the places of the parts that made it, where its rule chooses among them. */
export interface Closing {
  readonly satisfied: boolean;
  readonly chosen: readonly number[];
}

/**
 * Whether a join closes, as soon as its result is settled: satisfied, or no longer possible; null while it is open. Parts count in the
 * order in which they settled, those of one commit in the order of the proposals, so that the first thing that closes a join says how.
 */
export function joined(rule: JoinRule, parts: readonly Part[], isDue: boolean): Closing | null {
  const course = courseOf(parts);
  const fatal = course.find(({ end }) => end !== "present" && rule.parts[end] === "fatal");
  const close = closeOf(rule, { parts, course, isDue });
  if (fatal !== undefined && (close === null || close.after > course.indexOf(fatal)))
    return { satisfied: false, chosen: [] };
  return close && { satisfied: close.satisfied, chosen: close.chosen };
}

type End = "present" | keyof JoinRule["parts"];

interface Ended {
  readonly place: number;
  readonly tool: string;
  readonly seq: number;
  readonly end: End;
}

/** A closing, and how many parts had to settle for it. */
interface Close extends Closing {
  readonly after: number;
}

interface Course {
  readonly parts: readonly Part[];
  readonly course: readonly Ended[];
  readonly isDue: boolean;
}

/** What a part that ended is to its join. It follows from a code, never from what a text says. */
function endOf(outcome: Outcome): End {
  if (outcome.ok) return "present";
  if (outcome.error.code === "timeout") return "timedOut";
  return outcome.error.code === "output_invalid" ? "malformed" : "failed";
}

function courseOf(parts: readonly Part[]): readonly Ended[] {
  const ended = parts.flatMap(({ tool, settled }, place): readonly Ended[] =>
    settled === null ? [] : [{ place, tool, seq: settled.seq, end: endOf(settled.outcome) }],
  );
  return ended.toSorted((a, b) => a.seq - b.seq || a.place - b.place);
}

function closeOf(rule: JoinRule, at: Course): Close | null {
  switch (rule.until.kind) {
    case "all":
      return allOf(rule, at);
    case "any":
      return quorumOf(1, at);
    case "quorum":
      return quorumOf(rule.until.k, at);
    case "firstValid":
      return firstValidOf(at);
    case "bestEffort":
      return bestEffortOf(rule, at);
  }
}

function allOf({ mayMiss }: JoinRule, { parts, course }: Course): Close | null {
  const broken = course.findIndex(({ end, tool }) => end !== "present" && !mayMiss.includes(tool));
  if (broken !== -1) return { after: broken + 1, satisfied: false, chosen: [] };
  return course.length < parts.length ? null : { after: course.length, satisfied: true, chosen: [] };
}

function quorumOf(k: number, { parts, course }: Course): Close | null {
  const present = course.filter(({ end }) => end === "present");
  const last = present[k - 1];
  if (last !== undefined) {
    const chosen = present.slice(0, k).map(({ place }) => place);
    return { after: course.indexOf(last) + 1, satisfied: true, chosen: chosen.toSorted((a, b) => a - b) };
  }
  const spare = parts.length - k;
  if (spare < 0) return { after: 0, satisfied: false, chosen: [] };
  const tooMany = course.filter(({ end }) => end !== "present")[spare];
  return tooMany === undefined ? null : { after: course.indexOf(tooMany) + 1, satisfied: false, chosen: [] };
}

function firstValidOf({ parts, course }: Course): Close | null {
  let after = 0;
  for (const place of parts.keys()) {
    const at = course.findIndex((ended) => ended.place === place);
    if (at === -1) return null;
    after = Math.max(after, at + 1);
    if (course[at]?.end === "present") return { after, satisfied: true, chosen: [place] };
  }
  return { after, satisfied: false, chosen: [] };
}

function bestEffortOf({ mayMiss }: JoinRule, { parts, course, isDue }: Course): Close | null {
  if (course.length < parts.length && !isDue) return null;
  const satisfied = parts.every(
    ({ tool, settled }) => mayMiss.includes(tool) || (settled !== null && settled.outcome.ok),
  );
  return { after: course.length, satisfied, chosen: [] };
}

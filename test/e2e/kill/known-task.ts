import type { ArrivalView, CallView } from "../../retail/client.ts";
import type { Case } from "./cases.ts";
import type { Evidence, Ran } from "./evidence.ts";
import { type JournalFacts, journalFacts } from "./journal-facts.ts";

/** One task with everything that is known of it from every side. */
export interface KnownTask {
  readonly task: string;
  readonly case: Case;
  readonly ran: Ran;
  readonly journal: JournalFacts;
  /** What its tools noted. */
  readonly arrivals: readonly ArrivalView[];
  readonly callsByKey: ReadonlyMap<string, CallView>;
}

/** Brings the sides together. A task without a journal has none of its own here: `endings` tells of it. */
export function knownTasks(evidence: Evidence): readonly KnownTask[] {
  const arrivals = Map.groupBy(evidence.arrivals, ({ run }) => run);
  const calls = Map.groupBy(evidence.calls, ({ run }) => run);
  return evidence.ran.flatMap((ran) => {
    const rows = evidence.journals.get(ran.task ?? "");
    if (ran.task === null || rows === undefined) return [];
    const byKey = (calls.get(ran.task) ?? []).map((call) => [call.key, call] as const);
    return {
      task: ran.task,
      case: ran.case,
      ran,
      journal: journalFacts(rows),
      arrivals: arrivals.get(ran.task) ?? [],
      callsByKey: new Map(byKey),
    };
  });
}

import type { Decision } from "../../../src/contracts/approval.ts";
import type { CommitRow } from "../../../src/contracts/journal.ts";
import type { TaskView } from "../../../src/contracts/task.ts";
import type { ArrivalView, CallView } from "../../retail/client.ts";
import type { Case } from "./cases.ts";
import type { Activity } from "./moments.ts";

/** A place in a task's journal that somebody outside was told of, or that lay on the disk when a kill struck: it stays. */
export interface Promised {
  readonly task: string;
  readonly seq: number;
  readonly hash: string;
}

/** A case that was posted, and what its caller saw of it. */
export interface Ran {
  readonly case: Case;
  task: string | null;
  view: TaskView | null;
}

/** What the approver said. `firstTriedAtMs` is before the first attempt to say it left. */
export interface Answer {
  readonly approval: string;
  readonly task: string;
  readonly kind: string;
  readonly decision: Decision;
  readonly firstTriedAtMs: number;
}

export interface Kill {
  readonly atMs: number;
  readonly upMs: number;
  /** Tasks that had not ended, or whose audit log was behind, and how many were at each activity. */
  readonly tasks: number;
  readonly activities: ReadonlyMap<Activity, number>;
}

/** All that is left when the kills are over: what was seen outside, and what lies on the disk. */
export interface Evidence {
  readonly tenant: string;
  readonly ran: readonly Ran[];
  readonly kills: readonly Kill[];
  readonly answers: readonly Answer[];
  readonly promised: readonly Promised[];
  readonly journals: ReadonlyMap<string, readonly CommitRow[]>;
  readonly audited: ReadonlyMap<string, readonly CommitRow[]>;
  readonly arrivals: readonly ArrivalView[];
  readonly calls: readonly CallView[];
  /** The shop's records that each task left changed. */
  readonly changed: ReadonlyMap<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>;
}

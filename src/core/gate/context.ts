import type { Approval } from "../../contracts/approval.ts";
import type { Budget } from "../../contracts/budget.ts";
import type { NewTask } from "../../contracts/task.ts";
import type { ToolManifest } from "../../contracts/tool.ts";
import type { CoreFunctions } from "../functions.ts";
import type { Call } from "../task/state.ts";
import type { Recruiting } from "./delegation-stage.ts";

/** All that the gate may look at. Facts of outside are those of now, never of when the proposal was made. */
export interface GateContext {
  readonly order: NewTask;
  readonly call: Call;
  /** The pinned version of the tool; null when the agent has no tool of that name. */
  readonly tool: ToolManifest | null;
  readonly budget: Budget;
  /** How long wall time has counted, in milliseconds. */
  readonly elapsedMs: number;
  /** Null unless the tool is a delegation whose arguments can be read. */
  readonly recruiting: Recruiting | null;
  /** Calls of this task that are settled, newest last. */
  readonly settled: readonly Call[];
  /** The approval answered in this call's favour, if there is one. */
  readonly approval: Approval | null;
  readonly rights: GateRights;
  readonly fns: CoreFunctions;
}

/** What the stages behind the first may rely on: the tool is one of the agent's. */
export interface KnownContext extends GateContext {
  readonly tool: ToolManifest;
}

export interface GateRights {
  readonly authorityActive: boolean;
  /** Principals that may answer approvals now; null when nobody was asked about. */
  readonly entitledApprovers: readonly string[] | null;
}

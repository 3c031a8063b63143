import type { ProblemCode } from "../../contracts/problem.ts";

/** A command that a task does not take. A value with a code; the code is the problem document's. */
export interface TaskRefusal {
  readonly code: ProblemCode;
  readonly detail: string;
}

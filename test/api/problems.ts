import { expect } from "vitest";
import { Problem } from "../../src/contracts/problem.ts";
import type { World } from "./world.ts";

/** What came back is a problem document that says as much as its status, and nothing that nobody expected happened. */
export async function expectProblem(
  world: World,
  response: Response,
  status: number,
  code: string,
): Promise<Problem> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = Problem.parse(await response.json());
  expect([response.status, problem.status, problem.code]).toEqual([status, status, code]);
  expect(world.reported).toEqual([]);
  return problem;
}

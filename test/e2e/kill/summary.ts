import type { Evidence, Kill } from "./evidence.ts";

/** What the kills hit and what it took to get over them, for the test's output. */
export function summary(evidence: Evidence, tookMs: number): string {
  const { kills, ran, arrivals, journals } = evidence;
  const tasks = kills.map((kill) => kill.tasks).toSorted((a, b) => a - b);
  const denied = ran.filter(({ case: { decision } }) => decision === "deny").length;
  const commits = [...journals.values()].reduce((sum, rows) => sum + rows.length, 0);
  const writeTools = new Set(
    ran.flatMap(({ case: { calls } }) => calls.filter(({ write }) => write).map(({ tool }) => tool)),
  );
  const writes = evidence.calls.filter(({ tool, applied }) => writeTools.has(tool) && applied > 0).length;
  const resent = acrossKills(evidence);
  return [
    `${kills.length} kills in ${(tookMs / 1_000).toFixed(0)} s, each with ${tasks[0]} to ${tasks.at(-1)} tasks under way (median ${tasks[tasks.length >> 1]}).`,
    `${ran.length} tasks (${denied} with every question denied), ${commits} commits, ${arrivals.length} calls arrived, ${writes} writes took effect.`,
    `Kills that found at least one task at:`,
    ...activityLines(kills),
    `${resent} calls were sent again with the same key after a kill; ${arrivals.filter(({ duplicate }) => duplicate).length} arrivals were repeats of any kind.`,
    `${evidence.answers.filter(({ kind }) => kind === "resend").length} questions whether to send a call of unknown outcome again were answered by a human.`,
    `SIGKILL leaves what the operating system holds: power loss cannot be tested by killing, and was not.`,
  ].join("\n");
}

/** Calls of which one arrival came before a kill and another one after it. */
function acrossKills({ arrivals, kills }: Evidence): number {
  const byKey = Map.groupBy(arrivals, ({ key }) => key);
  return [...byKey.values()].filter((of) => {
    const [first, last] = [Math.min(...of.map(({ at }) => at)), Math.max(...of.map(({ at }) => at))];
    return kills.some(({ atMs }) => first < atMs && atMs < last);
  }).length;
}

function activityLines(kills: readonly Kill[]): readonly string[] {
  const names = new Set(kills.flatMap(({ activities }) => [...activities.keys()]));
  return [...names].toSorted().map((name) => {
    const hit = kills.filter(({ activities }) => activities.has(name));
    const tasks = hit.reduce((sum, { activities }) => sum + (activities.get(name) ?? 0), 0);
    return `  ${name}: ${hit.length} kills, ${tasks} tasks`;
  });
}

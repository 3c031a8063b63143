import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** A process of this machine, as /proc tells, or `ps` where there is no /proc. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Dead, and only its entry waits to be collected: it runs nothing and holds nothing. */
  readonly zombie: boolean;
}

export function processTable(): readonly ProcessRow[] {
  return existsSync("/proc/self/stat") ? fromProc() : fromPs();
}

export function livingChildrenOf(parent: number): readonly number[] {
  return living((row) => row.parent === parent);
}

export function livingInGroup(group: number): readonly number[] {
  return living((row) => row.group === group);
}

/** The name of a running process's program; empty when it has ended. */
export function commandOf(pid: number): string {
  try {
    if (existsSync("/proc/self/comm")) return readFileSync(`/proc/${pid}/comm`, "utf8");
    return execFileSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}

/** Resolves when none of `pids` lives; rejects with those that still do after `msMax`. */
export async function gone(pids: () => readonly number[], msMax = 5_000): Promise<void> {
  const deadlineMs = performance.now() + msMax;
  for (let left = pids(); left.length > 0; left = pids()) {
    if (performance.now() > deadlineMs) throw new Error(`Still alive: ${left.join(", ")}`);
    await pause(5);
  }
}

/** Sends SIGKILL. A process that is already gone is fine. */
export function killHard(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function living(wanted: (row: ProcessRow) => boolean): readonly number[] {
  return processTable()
    .filter((row) => !row.zombie && wanted(row))
    .map((row) => row.pid);
}

function fromProc(): readonly ProcessRow[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const stat = statOf(Number(pid));
      if (stat === undefined) return [];
      const [state, parent, group] = stat;
      return [{ pid: Number(pid), parent: Number(parent), group: Number(group), zombie: state === "Z" }];
    });
}

/** The fields of /proc/PID/stat from the state on: the name before it may hold spaces and brackets. */
export function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined; // It ended while we looked.
  }
}

function fromPs(): readonly ProcessRow[] {
  return execFileSync("ps", ["-A", "-o", "pid=,ppid=,pgid=,state="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => {
      const [pid, parent, group, state] = line.trim().split(/\s+/);
      return {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        zombie: state?.startsWith("Z") === true,
      };
    });
}

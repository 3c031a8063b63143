import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { statOf } from "../../scripts/local/processes.ts";

const HAS_PROC = existsSync("/proc/self/stat");

/** CPU time that a process has used so far, in user and system mode, all its threads together. Steps of about 10 ms. */
export function cpuMsOf(pid: number): number {
  return HAS_PROC ? cpuMsFromProc(pid) : cpuMsFromPs(ps(pid, "time"));
}

/** The most memory that a process ever had resident; where only `ps` tells, what it has now. */
export function peakRssMbOf(pid: number): number {
  if (!HAS_PROC) return Number(ps(pid, "rss")) / 1_024;
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
}

let msPerTick: number | undefined;

function cpuMsFromProc(pid: number): number {
  msPerTick ??= 1_000 / Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  const stat = statOf(pid);
  if (stat === undefined) throw new Error(`Process ${pid} is gone.`);
  // proc(5): utime and stime are fields 14 and 15; the state, where `statOf` begins, is field 3.
  return (Number(stat[11]) + Number(stat[12])) * msPerTick;
}

/** Reads `ps`'s time: `[[days-]hours:]minutes:seconds[.hundredths]`. */
export function cpuMsFromPs(time: string): number {
  const [days, clock] = time.includes("-") ? time.split("-") : ["0", time];
  const seconds = (clock ?? "").split(":").reduce((total, part) => total * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1_000;
}

function ps(pid: number, column: string): string {
  return execFileSync("ps", ["-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" }).trim();
}

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** The name of a running process's program; empty when it has ended. */
export function commandOf(pid: number): string {
  try {
    if (existsSync("/proc/self/comm")) return readFileSync(`/proc/${pid}/comm`, "utf8");
    return execFileSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}

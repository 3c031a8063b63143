import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { withSortedKeys } from "./recorded-json.ts";
import { Database } from "./records.ts";
import { retailTasks, type RetailTask } from "./tasks.ts";
import { retailTools, type RetailTool } from "./tools.ts";

export type RetailData =
  | { readonly found: true; readonly dir: string }
  | { readonly found: false; readonly reason: string };

const FILES = ["db.json", "tasks.jsonl", "tools.openai.json", "meta.json"];

/** Where the recorded retail domain is, or why it cannot be used: it lives beside the project, not in it. */
export function findRetailData(dir: string = besideTheProject()): RetailData {
  const missing = FILES.filter((file) => !existsSync(join(dir, file)));
  if (missing.length === 0) return { found: true, dir };
  return { found: false, reason: `no recorded retail domain: ${missing.join(", ")} not found in ${dir}` };
}

function besideTheProject(): string {
  return join(import.meta.dirname, "../../../shared/data/retail");
}

export function readDatabase(dir: string): Database {
  return Database.parse(withSortedKeys(readJson(dir, "db.json")));
}

export function readTasks(dir: string): readonly RetailTask[] {
  return retailTasks(readFileSync(join(dir, "tasks.jsonl"), "utf8"));
}

export function readTools(dir: string): readonly RetailTool[] {
  return retailTools(readJson(dir, "tools.openai.json"), readJson(dir, "meta.json"));
}

export function readJson(dir: string, file: string): unknown {
  return JSON.parse(readFileSync(join(dir, file), "utf8"));
}

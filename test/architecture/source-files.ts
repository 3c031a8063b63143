import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

export interface SourceFile {
  /** From the root of the project, with forward slashes. */
  readonly path: string;
  readonly source: string;
}

const ROOT = join(import.meta.dirname, "../..");

/** Every TypeScript file below these folders, generated declarations excepted. A folder that does not exist holds none. */
export function sourceFilesIn(...folders: readonly string[]): readonly SourceFile[] {
  return folders
    .flatMap(pathsBelow)
    .map((path) => ({ path, source: readFileSync(join(ROOT, path), "utf8") }));
}

function pathsBelow(folder: string): readonly string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts"))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(ROOT.length + 1)
        .replaceAll("\\", "/"),
    )
    .toSorted();
}

import { posix } from "node:path";
import { type ImportEdge, importsOf } from "./syntax.ts";
import type { SourceFile } from "./source-files.ts";

/** Who may import whom. What is not written here is forbidden. */
interface Layer {
  /** A folder when it ends with a slash, else one file. */
  readonly paths: readonly string[];
  /** Names of layers; a layer may always import itself. */
  readonly imports: readonly string[];
  /** Layers of which only types may be imported. */
  readonly types?: readonly string[];
  /** Packages with their subpaths, and built-in modules by their full name. */
  readonly packages?: readonly string[];
}

/** Names, text and digests: they know no part of the runtime but the contracts. */
const LEAVES = [
  "base64url",
  "hash",
  "strict-json",
  "json-schema",
  "task-name",
  "feed",
  "until-aborted",
  "task-end",
] as const;
const INWARD = ["contracts", "core", "ports", ...LEAVES] as const;

export const LAYERS: Readonly<Record<string, Layer>> = {
  contracts: { paths: ["src/contracts/"], imports: [], packages: ["zod"] },
  core: { paths: ["src/core/"], imports: ["contracts"] },
  ports: { paths: ["src/ports.ts", "src/model-ports.ts"], imports: ["contracts", "core"] },
  base64url: { paths: ["src/base64url.ts"], imports: [], packages: ["node:buffer"] },
  hash: { paths: ["src/hash.ts"], imports: [], packages: ["node:crypto", "canonicalize"] },
  "strict-json": { paths: ["src/strict-json.ts"], imports: ["contracts"], packages: ["jsonc-parser"] },
  "json-schema": {
    paths: ["src/json-schema.ts"],
    imports: ["contracts"],
    packages: ["@cfworker/json-schema"],
  },
  feed: { paths: ["src/feed.ts"], imports: ["contracts"] },
  "task-end": { paths: ["src/task-end.ts"], imports: ["feed"] },
  "until-aborted": { paths: ["src/until-aborted.ts"], imports: [] },
  "task-name": { paths: ["src/task-name.ts"], imports: ["contracts"] },
  storage: { paths: ["src/storage/"], imports: INWARD, packages: ["zod"] },
  models: { paths: ["src/models/"], imports: INWARD, packages: ["openai", "@anthropic-ai/sdk", "zod"] },
  /** The sample's tools: declared like anyone's. Before the layer of the folder it lies in. */
  "sample-shop": { paths: ["src/tools/shop/"], imports: ["contracts", "tools", "define"], packages: ["zod"] },
  tools: { paths: ["src/tools/"], imports: INWARD, packages: ["zod"] },
  /** Ports in front of ports: they ask the objects that guard, and know no adapter. */
  guards: { paths: ["src/guards/"], imports: INWARD, packages: ["zod"] },
  /** What an operator declares: agents and tools. That a child lies within its parent is the core's rule. */
  define: { paths: ["src/define.ts"], imports: ["contracts", "core", "tools", ...LEAVES], packages: ["zod"] },
  api: {
    paths: ["src/api/"],
    imports: ["contracts", "ports", ...LEAVES],
    types: ["core"],
    packages: ["hono", "zod", "node:crypto"],
  },
  queue: { paths: ["src/queue/"], imports: ["contracts", "ports", "tools", "task-end"] },
  /** What isolates know of providers and hosts. It wraps ports and knows no adapter. */
  health: { paths: ["src/health/"], imports: ["contracts", "core", "ports"] },
  wiring: {
    paths: ["src/wiring.ts", "src/operator.ts"],
    imports: [...INWARD, "storage", "models", "tools", "guards", "health"],
  },
  "durable-objects": {
    paths: ["durable-objects/"],
    imports: [...INWARD, "storage", "wiring"],
    // What the objects that guard promise is said beside those who ask them.
    types: ["guards"],
    packages: ["cloudflare:workers", "node:crypto"],
  },
  /** The library: what a Worker of someone's own is made with. */
  countersign: {
    paths: ["src/countersign.ts"],
    imports: [
      "contracts",
      "ports",
      "task-name",
      "task-end",
      "tools",
      "define",
      "api",
      "queue",
      "wiring",
      "durable-objects",
    ],
    packages: ["cloudflare:workers"],
  },
  agents: {
    paths: ["src/agents/"],
    imports: ["contracts", "tools", "sample-shop", "define"],
    packages: ["zod"],
  },
  index: {
    paths: ["src/index.ts"],
    imports: ["countersign", "agents", "api", "queue", "wiring", "durable-objects"],
  },
};

/** One sentence for each import of the file that the layers do not allow. */
export function violationsIn({ path, source }: SourceFile, layers = LAYERS): readonly string[] {
  const name = layerOf(path, layers);
  const layer = name === null ? undefined : layers[name];
  if (name === null || layer === undefined) return [`${path} belongs to no layer`];
  return importsOf(source)
    .filter((edge) => !isAllowed(edge, { path, name, layer }, layers))
    .map(
      ({ specifier, typeOnly }) =>
        `${path} (${name}) imports ${typeOnly ? "types of " : ""}${specifier ?? "what is computed"}`,
    );
}

interface Importer {
  readonly path: string;
  readonly name: string;
  readonly layer: Layer;
}

function isAllowed({ specifier, typeOnly }: ImportEdge, from: Importer, layers: typeof LAYERS): boolean {
  if (specifier === null) return false;
  if (!specifier.startsWith(".")) {
    return (from.layer.packages ?? []).some((name) => specifier === name || specifier.startsWith(`${name}/`));
  }
  const target = layerOf(posix.join(posix.dirname(from.path), specifier), layers);
  if (target === null) return false;
  const { imports, types = [] } = from.layer;
  return target === from.name || imports.includes(target) || (typeOnly && types.includes(target));
}

function layerOf(path: string, layers: typeof LAYERS): string | null {
  const holds = (prefix: string): boolean =>
    prefix.endsWith("/") ? path.startsWith(prefix) : path === prefix;
  return Object.entries(layers).find(([, layer]) => layer.paths.some(holds))?.[0] ?? null;
}

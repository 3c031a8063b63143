/** What a deployment needs, as wrangler.toml and the code name it. */
export interface Needed {
  readonly worker: string;
  readonly database: string;
  readonly queues: readonly string[];
  readonly secrets: readonly string[];
}

/** What an account has of it. */
export interface Found {
  /** The database's id, and the one that wrangler.toml names; null: there is none. */
  readonly databaseId: string | null;
  readonly databaseIdInConfig: string | null;
  readonly queues: ReadonlySet<string>;
  readonly secrets: ReadonlySet<string>;
}

export const NOTHING_FOUND: Found = {
  databaseId: null,
  databaseIdInConfig: null,
  queues: new Set(),
  secrets: new Set(),
};

/** One step. `args` are wrangler's, `newSecrets` are made and go with the deployment that needs them first. */
export type Step =
  | { readonly kind: "run"; readonly title: string; readonly args: readonly string[] }
  | { readonly kind: "nameDatabase"; readonly title: string }
  | { readonly kind: "firstKey"; readonly title: string }
  | {
      readonly kind: "deploy";
      readonly title: string;
      readonly args: readonly string[];
      readonly newSecrets: readonly string[];
    };

/** The steps from what is found to a deployment, in their order. What is there already is kept as it is. */
export function planOf(needed: Needed, found: Found): readonly Step[] {
  return [
    ...databaseSteps(needed, found),
    ...needed.queues.filter((queue) => !found.queues.has(queue)).map(queueStep),
    {
      kind: "run",
      title: "apply the migrations that the database does not have yet",
      args: ["d1", "migrations", "apply", "DB", "--remote"],
    },
    { kind: "firstKey", title: "make the first API key, if there is none" },
    deployStep(needed, found),
  ];
}

function databaseSteps({ database }: Needed, found: Found): readonly Step[] {
  const create: Step = {
    kind: "run",
    title: `create the D1 database ${database}`,
    args: ["d1", "create", database, "--update-config=false"],
  };
  const name: Step = { kind: "nameDatabase", title: `write the id of ${database} into wrangler.toml` };
  if (found.databaseId === null) return [create, name];
  return found.databaseId === found.databaseIdInConfig ? [] : [name];
}

function queueStep(queue: string): Step {
  return { kind: "run", title: `create the queue ${queue}`, args: ["queues", "create", queue] };
}

function deployStep({ worker, secrets }: Needed, found: Found): Step {
  const newSecrets = secrets.filter((secret) => !found.secrets.has(secret));
  const extra = newSecrets.length === 0 ? "" : `, with new secrets ${newSecrets.join(", ")}`;
  return { kind: "deploy", title: `deploy the Worker ${worker}${extra}`, args: ["deploy"], newSecrets };
}

import { z } from "zod";
import type { AuditedCommit } from "../contracts/lists.ts";
import { ownObjects } from "./redaction.ts";
import { bodyOf, typeOf } from "./views.ts";

/** What is looked for in commits, beside whose and when. */
export interface Wanted {
  readonly tool: string | undefined;
  readonly event: string | undefined;
}

interface CommitName {
  readonly task: string;
  readonly seq: number;
}

type Fetch = (names: readonly CommitName[]) => Promise<readonly AuditedCommit[]>;

/** The commits that fit, in the same order. */
export async function commitsWanted(
  rows: readonly AuditedCommit[],
  { tool, event }: Wanted,
  fetch: Fetch,
): Promise<readonly AuditedCommit[]> {
  const ofType = event === undefined ? rows : rows.filter((row) => typesOf(row).includes(event));
  return tool === undefined ? ofType : await thatConcern(tool, ofType, fetch);
}

function typesOf(row: AuditedCommit): readonly (string | undefined)[] {
  const { command, events } = bodyOf(row);
  return [command, ...events].map(typeOf);
}

/** A commit often names only a call or an approval. Their ids hold the place of the commit that made them, which names the tool. */
async function thatConcern(
  tool: string,
  rows: readonly AuditedCommit[],
  fetch: Fetch,
): Promise<readonly AuditedCommit[]> {
  const mentioned = rows.map(mentionsIn);
  const here = new Set(rows.map(({ task, seq }) => `${task}.${seq}`));
  const elsewhere = new Map(
    rows
      .flatMap(({ task }, n) => originsOf(task, mentioned[n]?.ids ?? []))
      .map((name) => [`${name.task}.${name.seq}`, name]),
  );
  for (const place of here) elsewhere.delete(place);
  const origins = elsewhere.size === 0 ? [] : await fetch([...elsewhere.values()]);
  const toolOf = new Map([...mentioned, ...origins.map(mentionsIn)].flatMap(({ made }) => [...made]));
  return rows.filter((_row, n) => {
    const { tools, ids } = mentioned[n] ?? NOTHING;
    return tools.has(tool) || [...ids].some((id) => toolOf.get(id) === tool);
  });
}

interface Mentions {
  readonly tools: ReadonlySet<string>;
  /** Calls and approvals that are spoken of. */
  readonly ids: ReadonlySet<string>;
  /** The tool of each call and approval that is made here. */
  readonly made: ReadonlyMap<string, string>;
}

const NOTHING: Mentions = { tools: new Set(), ids: new Set(), made: new Map() };

const OfTool = z.object({ tool: z.string() });
const OfCall = z.object({ call: z.string() });
const OfApproval = z.object({ approval: z.string() });
const OfClaim = z.object({ id: z.string(), attempt: z.number() });
const MakesCall = z.object({ call: z.string(), tool: z.string() });
const MakesApproval = z.object({ id: z.string(), question: OfTool });

function mentionsIn(row: AuditedCommit): Mentions {
  const { command, events } = bodyOf(row);
  const own = [command, ...events].flatMap((said) => [...ownObjects(said)]);
  const made = [
    ...own
      .flatMap((said) => MakesCall.safeParse(said).data ?? [])
      .map(({ call, tool }) => [call, tool] as const),
    ...own
      .flatMap((said) => MakesApproval.safeParse(said).data ?? [])
      .map(({ id, question }) => [id, question.tool] as const),
  ];
  return {
    tools: new Set(own.flatMap((said) => OfTool.safeParse(said).data?.tool ?? [])),
    ids: new Set([
      ...own.flatMap((said) => OfCall.safeParse(said).data?.call ?? []),
      ...own.flatMap((said) => OfApproval.safeParse(said).data?.approval ?? []),
      ...own.flatMap((said) => OfClaim.safeParse(said).data?.id ?? []),
    ]),
    made: new Map(made),
  };
}

/** `<task>.<seq>.<n>` of this very task; whatever looks different was made by nobody. */
function originsOf(task: string, ids: Iterable<string>): readonly CommitName[] {
  return [...ids].flatMap((id) => {
    const seq = /^\.(\d{1,9})\.\d+$/.exec(id.startsWith(task) ? id.slice(task.length) : "")?.[1];
    return seq === undefined ? [] : [{ task, seq: Number(seq) }];
  });
}

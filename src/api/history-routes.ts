import { z } from "zod";
import type { Caller } from "../contracts/access.ts";
import type { CommitRow } from "../contracts/journal.ts";
import type { Json } from "../contracts/json.ts";
import type { ReplayReport } from "../ports.ts";
import { addressedTask } from "./addressed.ts";
import { eventStream } from "./event-stream.ts";
import { type Asked, type Operation, type Reply, json, reading } from "./operation.ts";
import { NOT_FOUND, Refusal } from "./problem.ts";
import { Seq, pageSize } from "./queries.ts";
import { CommitView, bodyOf, commitFor, rfc3339, seesContent, typeOf } from "./views.ts";

const TaskRead = { scopes: ["tasks:read"] } as const;

const EventPage = z.strictObject({
  items: z.array(CommitView),
  after: z.int().describe("Where to go on: pass it as `after`"),
});

const Checkpoint = z.strictObject({
  seq: z.int(),
  at: z.iso.datetime(),
  rules: z.int(),
  command: z.string(),
  events: z.array(z.string()),
  hash: z.string(),
});
const CheckpointPage = z.strictObject({ items: z.array(Checkpoint), after: z.int() });

const ReplayView = z.strictObject({
  commits: z.int(),
  equal: z.boolean(),
  firstDifference: z.strictObject({ seq: z.int(), reason: z.string().optional() }).optional(),
});

const CommitsQuery = z.strictObject({ after: Seq.default(0), limit: pageSize(100, 200) });

const events = reading(
  {
    ...TaskRead,
    path: "/v1/tasks/{id}/events",
    summary: "A task's commits: as they come with `Accept: text/event-stream`, else page by page",
    headers: { "Last-Event-ID": "Goes on behind this commit (event streams)" },
    replies: {
      200: {
        description:
          "A page; or a stream of `commit` (`id` is its seq), `partial` (text as it streams) and `end`",
        content: { "application/json": EventPage, "text/event-stream": null },
      },
    },
  },
  CommitsQuery,
  async (asked) => {
    if (wantsStream(asked.request)) return await eventStream(asked, asked.query.after);
    return await commitPage(asked, (row) => commitFor(asked.caller, row));
  },
);

const checkpoints = reading(
  {
    ...TaskRead,
    path: "/v1/tasks/{id}/checkpoints",
    summary: "The checkpoints that a task can be resumed from: one a commit",
    replies: {
      200: { description: "A page, oldest first", content: { "application/json": CheckpointPage } },
    },
  },
  CommitsQuery,
  async (asked) => await commitPage(asked, checkpointOf),
);

const replay = reading(
  {
    ...TaskRead,
    path: "/v1/tasks/{id}/replay",
    summary: "Decides a task's commands anew, without model, tool or clock, and compares what comes out",
    replies: {
      200: { description: "Equal, or the first difference", content: { "application/json": ReplayView } },
    },
  },
  z.strictObject({}),
  async (asked): Promise<Reply> => {
    const handle = addressedTask(asked);
    if (handle instanceof Refusal) return handle;
    const report = await handle.replay();
    return report === null ? NOT_FOUND : json(reportFor(asked.caller, report));
  },
);

/** Why two decisions differ is told in terms of what was decided: content. */
function reportFor(viewer: Caller, report: ReplayReport): z.infer<typeof ReplayView> {
  const { commits, equal, firstDifference } = report;
  if (firstDifference === undefined) return { commits, equal };
  return {
    commits,
    equal,
    firstDifference: seesContent(viewer) ? firstDifference : { seq: firstDifference.seq },
  };
}

/** H1. Answers a HEAD like a GET of a page: a stream would have nobody to end it. */
function wantsStream({ method, headers }: Request): boolean {
  return method === "GET" && (headers.get("accept") ?? "").includes("text/event-stream");
}

async function commitPage(
  asked: Asked & { readonly query: z.output<typeof CommitsQuery> },
  show: (row: CommitRow) => object,
): Promise<Reply> {
  const handle = addressedTask(asked);
  if (handle instanceof Refusal) return handle;
  const { after, limit } = asked.query;
  const rows = await handle.commits(after + 1, limit);
  return rows === null ? NOT_FOUND : json({ items: rows.map(show), after: rows.at(-1)?.seq ?? after });
}

function checkpointOf(row: CommitRow): z.infer<typeof Checkpoint> {
  const { command, events: happened } = bodyOf(row);
  const { seq, atMs, rules, hash } = row;
  return { seq, at: rfc3339(atMs), rules, command: label(command), events: happened.map(label), hash };
}

function label(said: Json): string {
  return typeOf(said) ?? "unreadable";
}

export const historyRoutes: readonly Operation[] = [events, checkpoints, replay];

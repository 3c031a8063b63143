import { z } from "zod";
import { type AuditFilter, AuditPosition, type AuditedCommit } from "../contracts/lists.ts";
import { parseTaskName } from "../task-name.ts";
import { handleOf } from "./addressed.ts";
import { type Wanted, commitsWanted } from "./audit-search.ts";
import { type CursorUse, openCursor, sealCursor } from "./cursor.ts";
import { type Asked, type Operation, type Reply, json, reading } from "./operation.ts";
import { NOT_FOUND, Refusal } from "./problem.ts";
import { Cursor, Time, pageSize } from "./queries.ts";
import { AuditItem, auditItemFor, exportedFor } from "./views.ts";

const NDJSON = "application/x-ndjson";
/** One export reads at most so many pages; its last line says where the next one goes on. */
const EXPORT_PAGES_MAX = 400;
const EXPORT_ROWS_A_PAGE = 500;

const AuditList = z.strictObject({ items: z.array(AuditItem), next: z.string().optional() });

const Verification = z.strictObject({
  task: z.string(),
  state: z.enum(["intact", "pending", "broken"]),
  verified: z.strictObject({ seq: z.int(), hash: z.string() }),
  fault: z.strictObject({ seq: z.int(), kind: z.enum(["missing", "differs", "unexpected"]) }).optional(),
});

const AuditQuery = z
  .strictObject({
    task: z.string().max(128).optional(),
    principal: z.string().max(200).optional(),
    from: Time.optional().describe("Committed at this time or later"),
    to: Time.optional().describe("Committed before this time"),
    tool: z
      .string()
      .max(200)
      .optional()
      .describe("Commits that name the tool, or a call or an approval of it"),
    event: z.string().max(64).optional().describe("Commits with an event or a command of this type"),
    limit: pageSize(100, 500).describe("Commits looked at for one page; those that fit may be fewer"),
    cursor: Cursor.optional(),
  })
  .refine(
    ({ tool, event, task, from }) =>
      (tool === undefined && event === undefined) || task !== undefined || from !== undefined,
    {
      path: ["task"],
      message: "tool and event are looked for within a task or a time window: give task or from",
    },
  );

const readAudit = reading(
  {
    path: "/v1/audit",
    summary:
      "Reads the audit log by task, principal and time, and within a task or a window by tool and event type",
    scopes: ["audit:read"],
    replies: {
      200: {
        description: `A page, which may be empty; without \`next\` it is the last. With \`Accept: ${NDJSON}\` everything, a row a line, and a last line that says so`,
        content: { "application/json": AuditList, [NDJSON]: null },
      },
    },
  },
  AuditQuery,
  async (asked): Promise<Reply> => {
    const { deps, caller, query } = asked;
    const { task, principal, from: fromMs, to: toMs, tool, event } = query;
    const filter = { task, principal, fromMs, toMs };
    const wanted = { tool, event };
    const use = { key: deps.cursorKey, list: "audit", caller, filter: { ...filter, ...wanted } } as const;
    const after = openCursor(use, query.cursor, AuditPosition);
    if (after instanceof Refusal) return after;
    const search = { asked, filter, wanted, use };
    if ((asked.request.headers.get("accept") ?? "").includes(NDJSON)) return exported(search, after);
    const { rows, next } = await pageOf(search, after, query.limit);
    return json({ items: rows.map((row) => auditItemFor(caller, row)), next: next && sealCursor(use, next) });
  },
);

interface Search {
  readonly asked: Asked;
  readonly filter: AuditFilter;
  readonly wanted: Wanted;
  readonly use: CursorUse;
}

interface FoundPage {
  readonly rows: readonly AuditedCommit[];
  readonly next?: AuditPosition | undefined;
}

async function pageOf(
  { asked, filter, wanted }: Search,
  after: AuditPosition | undefined,
  limit: number,
): Promise<FoundPage> {
  const { audit } = asked.deps;
  const { tenant } = asked.caller;
  const { rows, next } = await audit.page(tenant, filter, after, limit);
  return {
    rows: await commitsWanted(rows, wanted, async (names) => await audit.commits(tenant, names)),
    next,
  };
}

/** One line a row, as the reader takes them; then how many there were, and where to go on when that was not all. */
function exported(search: Search, start: AuditPosition | undefined): Response {
  const lines = exportLines(search, start);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await lines.next();
      if (done) return controller.close();
      controller.enqueue(encoder.encode(value));
    },
  });
  return new Response(body, { headers: { "content-type": NDJSON } });
}

/** Lines of a page at a time. */
async function* exportLines(
  search: Search,
  start: AuditPosition | undefined,
): AsyncGenerator<string, undefined> {
  let after = start;
  let rows = 0;
  for (let pages = 0; pages < EXPORT_PAGES_MAX; pages++) {
    const page = await pageOf(search, after, EXPORT_ROWS_A_PAGE);
    rows += page.rows.length;
    if (page.rows.length > 0)
      yield page.rows.map((row) => line(exportedFor(search.asked.caller, row))).join("");
    after = page.next;
    if (after === undefined) break;
  }
  yield line({ end: true, rows, next: after && sealCursor(search.use, after) });
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

const verifyAudit = reading(
  {
    path: "/v1/audit/verify",
    summary:
      "Recomputes a task's chain from the log and compares it with the head that the task's object holds",
    scopes: ["audit:read"],
    replies: {
      200: {
        description:
          "`intact`; `pending` while the tail has not arrived; `broken`, with the first row that is missing or differs",
        content: { "application/json": Verification },
      },
    },
  },
  z.strictObject({ task: z.string().max(128) }),
  async (asked): Promise<Reply> => {
    const name = parseTaskName(asked.query.task);
    if (name === null) return NOT_FOUND;
    const handle = handleOf(asked, name);
    if (handle instanceof Refusal) return handle;
    const report = await asked.deps.audit.verify(asked.caller.tenant, name.id, handle);
    if (report === null) return NOT_FOUND;
    return json({
      task: name.id,
      state: report.state,
      verified: report.verified,
      fault: report.fault ?? undefined,
    });
  },
);

export const auditRoutes: readonly Operation[] = [readAudit, verifyAudit];

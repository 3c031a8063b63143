import type { z } from "zod";
import type { Caller } from "../contracts/access.ts";
import { canonicalJson } from "../hash.ts";
import { Refusal } from "./problem.ts";
import { isSame, macOf, seal, unpack } from "./seal.ts";

/** What a cursor is good for: one caller's reading of one list under one filter (H1). */
export interface CursorUse {
  readonly key: string;
  readonly list: "tasks" | "approvals" | "audit" | "budgets";
  readonly caller: Pick<Caller, "tenant" | "principal">;
  readonly filter: object;
}

/** Where a list goes on, sealed: it is of use to nobody else, and nowhere else. */
export function sealCursor(use: CursorUse, position: object): string {
  return seal(use.key, domainOf(use), canonicalJson(position));
}

/** The position that was sealed for this very use. Without a cursor, the list's beginning. */
export function openCursor<S extends z.ZodType>(
  use: CursorUse,
  cursor: string | undefined,
  schema: S,
): z.output<S> | undefined | Refusal {
  if (cursor === undefined) return undefined;
  const sealed = unpack(cursor);
  if (sealed === null || !isSame(sealed.mac, macOf(use.key, domainOf(use), sealed.text))) return BAD_CURSOR;
  return schema.parse(JSON.parse(sealed.text));
}

const BAD_CURSOR = new Refusal(
  "invalid_input",
  "The cursor was not issued for this list, filter and caller.",
  {
    issues: [{ path: "/cursor", message: "not a cursor of this list" }],
  },
);

function domainOf({ list, caller: { tenant, principal }, filter }: CursorUse): string {
  return `countersign.cursor.v1\n${canonicalJson({ list, tenant, principal, filter })}`;
}

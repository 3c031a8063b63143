import { z } from "zod";

/** An RFC 3339 date and time, as milliseconds. */
export const Time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

export const Cursor = z.string().max(4_000);

export function pageSize(standard: number, max: number): z.ZodType<number> {
  return z.coerce.number().int().min(1).max(max).default(standard);
}

/** The place of a commit; 0 is before the first. */
export const Seq = z.coerce.number().int().nonnegative();

/** Query or form as an object. A name that is given twice has no one value: it becomes a list, which no schema takes. */
export function fieldsOf(fields: URLSearchParams): Readonly<Record<string, string | readonly string[]>> {
  return Object.fromEntries(
    [...new Set(fields.keys())].map((name) => {
      const values = fields.getAll(name);
      const [only] = values;
      return [name, only === undefined || values.length > 1 ? values : only];
    }),
  );
}

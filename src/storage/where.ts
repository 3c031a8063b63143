type Value = string | number;

/** A condition in SQL and the values of its parameters; left out when one of them is undefined. */
export type Condition = readonly [sql: string, ...values: readonly (Value | undefined)[]];

/** Joins the conditions that apply. The SQL is the program's own text; whatever came from outside is a parameter. */
export function where(conditions: readonly Condition[]): {
  readonly sql: string;
  readonly params: readonly Value[];
} {
  const applied = conditions.filter(([, ...values]) => values.every(isGiven));
  return {
    sql: applied.map(([sql]) => sql).join(" AND "),
    params: applied.flatMap(([, ...values]) => values.filter(isGiven)),
  };
}

function isGiven(value: Value | undefined): value is Value {
  return value !== undefined;
}

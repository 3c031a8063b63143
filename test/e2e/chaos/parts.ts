/** How many children one parent recruits in one turn, and how long it waits for them. */
export const CHILDREN = 50;
export const JOIN_MS = 12_000;

/** What befalls a child, and why its parent then misses its part. */
export const WHY = {
  fails: "unavailable",
  hangs: "straggler",
  answersGarbage: "output_invalid",
  isRateLimited: "rate_limited",
} as const;
export type Trouble = keyof typeof WHY;

/** Of each child in the order in which they are recruited: every third one is struck, one kind after the other. */
export function troubleOf(n: number): Trouble | null {
  if (n % 3 !== 1) return null;
  const kinds = ["fails", "hangs", "answersGarbage", "isRateLimited"] as const;
  return kinds[((n - 1) / 3) % kinds.length] ?? null;
}

/** Whether a child's model is at the provider that may limit its rate, in all trees alike. */
export function isMetered(n: number): boolean {
  return troubleOf(n) === "isRateLimited";
}

/** What the mock model is told to do as the n-th child of a tree: look three times, then say what it found. */
export function goalOf(n: number, { tree, trouble }: { tree: string; trouble: Trouble | null }): string {
  const found = JSON.stringify({ found: foundBy(n) });
  const final = trouble === "answersGarbage" ? "There is much to be said of this place." : found;
  return JSON.stringify({
    scenario: "calls",
    n: 3,
    tool: "look",
    id: `${tree}-${n}`,
    final,
    faults: faultsOf(trouble),
  });
}

export function foundBy(n: number): number {
  return 1_000 + n;
}

/** In the third turn, when every child is at work; by then a model call runs inline, since it is known to be quick. */
function faultsOf(trouble: Trouble | null): readonly object[] {
  switch (trouble) {
    case "fails":
      return [{ turn: 2, kind: "server_error" }];
    case "hangs":
      return [{ turn: 2, kind: "hang" }];
    case "isRateLimited":
      return [{ turn: 2, kind: "rate_limited" }];
    case "answersGarbage":
    case null:
      return [];
  }
}

/**
 * Works each object out once and keeps the answer for as long as the object lives. Messages and tools never change, and every turn
 * sends all earlier ones again, so that a long conversation would otherwise be converted as often as it has turns.
 */
export function remembered<Key extends WeakKey, Value extends string | number>(
  workOut: (key: Key) => Value,
): (key: Key) => Value {
  const answers = new WeakMap<Key, Value>();
  return (key) => {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = workOut(key);
    answers.set(key, answer);
    return answer;
  };
}

/** JSON objects one after the other, without the brackets around them. */
export function jsonItems(items: readonly object[]): string {
  return items.map((item) => JSON.stringify(item)).join(",");
}

/** The JSON of `head` with further members that are arrays, given as their items' texts. An empty array is left out. */
export function jsonBody(head: object, arrays: Readonly<Record<string, readonly string[]>>): string {
  const members = Object.entries(arrays).flatMap(([name, texts]) => {
    const items = texts.filter((text) => text !== "").join(",");
    return items === "" ? [] : [`${JSON.stringify(name)}:[${items}]`];
  });
  return [JSON.stringify(head).slice(0, -1), ...members].join(",") + "}";
}

/** What a JSON text says; nothing when it is none. For texts that were written here and may have been changed since. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

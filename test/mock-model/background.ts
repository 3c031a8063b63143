import type { JsonRecord } from "./wire.ts";

/** A response as OpenAI keeps it: worked at until its time has come, then done, unless it was canceled before. */
interface Work {
  readonly done: JsonRecord;
  doneAtMs: number;
  readonly key: string;
  readonly pollAfterMs: number | undefined;
  canceled: boolean;
  polls: number;
}

/** What the mock model works at in the background. It honours idempotency keys, as far as it lives. */
export class BackgroundWork {
  readonly #works = new Map<string, Work>();

  /** For tests: what was asked, by response. */
  get all(): readonly JsonRecord[] {
    return [...this.#works].map(([id, { key, canceled, polls }]) => ({ id, key, canceled, polls }));
  }

  /** For tests: all that is worked at is done now. */
  finish(): void {
    for (const work of this.#works.values()) work.doneAtMs = 0;
  }

  takeOn(
    done: JsonRecord,
    { delayMs, key, pollAfterMs }: { delayMs: number; key: string; pollAfterMs: number | undefined },
  ): JsonRecord {
    const [known] = [...this.#works].find((entry) => entry[1].key === key) ?? [];
    const id = known ?? String(done["id"]);
    if (known === undefined)
      this.#works.set(id, {
        done,
        doneAtMs: Date.now() + delayMs,
        key,
        pollAfterMs,
        canceled: false,
        polls: 0,
      });
    return { ...done, id, status: "queued", output: [], usage: null };
  }

  poll(id: string): { readonly response: JsonRecord; readonly pollAfterMs: number | undefined } | null {
    const work = this.#works.get(id);
    if (work === undefined) return null;
    work.polls += 1;
    return { response: asItIs(work), pollAfterMs: work.pollAfterMs };
  }

  cancel(id: string): JsonRecord | null {
    const work = this.#works.get(id);
    if (work === undefined) return null;
    if (Date.now() < work.doneAtMs) work.canceled = true;
    return asItIs(work);
  }
}

function asItIs({ done, doneAtMs, canceled }: Work): JsonRecord {
  if (!canceled && Date.now() >= doneAtMs) return done;
  return { ...done, status: canceled ? "cancelled" : "in_progress", output: [], usage: null };
}

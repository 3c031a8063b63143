/** Something that is not a bug and that its reader can mend: told in one line. */
export class Expected extends Error {}

export interface Course {
  /** Aborted by Ctrl-C and by whatever else asks a process to end. */
  readonly signal: AbortSignal;
  /** What must be undone before the process ends; done in reverse order, however it comes to its end. */
  readonly undo: (step: () => Promise<void>) => void;
}

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs a script to its end, undoes what it set up, and then ends the process with the code that it gave; with `endedEarly` when the
 * process was asked to end before. A script starts nothing after its signal was aborted.
 */
export async function runScript(
  main: (course: Course) => Promise<number>,
  { endedEarly }: { readonly endedEarly: number },
): Promise<void> {
  const abort = new AbortController();
  const steps: (() => Promise<void>)[] = [];
  for (const name of ENDING) process.on(name, () => abort.abort());
  const course: Course = { signal: abort.signal, undo: (step) => steps.unshift(step) };
  // What fails once it was asked to end failed because of that.
  const ran = main(course).catch((error: unknown) => (abort.signal.aborted ? endedEarly : failed(error)));
  let code = await Promise.race([ran, aborted(abort.signal).then(() => endedEarly)]);
  for (const step of steps) await step().catch((error: unknown) => (code = failed(error)));
  process.exit(code);
}

/** Resolves when the script shall end. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Makes something whose maker would answer the signals that a script answers itself. */
export function withoutSignals<T>(make: () => T): T {
  const before = ENDING.map((name) => new Set(process.listeners(name)));
  const made = make();
  for (const [n, name] of ENDING.entries())
    for (const listener of process.listeners(name))
      if (before[n]?.has(listener) !== true) process.removeListener(name, listener);
  return made;
}

function failed(error: unknown): number {
  console.error(error instanceof Expected ? error.message : error);
  return 1;
}

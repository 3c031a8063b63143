import { writeFileSync, writeSync } from "node:fs";
import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** What one run of the tests came to. */
interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Ends a run of the tests with the line `N passed, N failed`, and leaves the same line in `tallyFile` for its caller. */
export class CiReporter implements Reporter {
  readonly #tallyFile: string | undefined;

  constructor(tallyFile: string | undefined) {
    this.#tallyFile = tallyFile;
  }

  onInit(): void {
    // What stands if the run dies before its end.
    this.#leave("0 passed, 1 failed");
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tally = tallyOf(modules, unhandled.length);
    const line = lineOf(tally);
    this.#leave(line);
    const skipped = tally.skipped === 0 ? "" : `${tally.skipped} skipped\n`;
    // The coverage table is printed after this; only the end of the process is late enough to come last.
    process.once("exit", () => writeSync(1, `${skipped}${line}\n`));
  }

  #leave(line: string): void {
    if (this.#tallyFile !== undefined) writeFileSync(this.#tallyFile, `${line}\n`);
  }
}

function lineOf({ passed, failed }: Tally): string {
  return `${passed} passed, ${failed} failed`;
}

/** An error outside of any test, and a file that fails without a failing test (its import, a hook), count as one failure each. */
function tallyOf(modules: readonly TestModule[], unhandled: number): Tally {
  let [passed, failed, skipped] = [0, unhandled, 0];
  for (const module of modules) {
    const states = [...module.children.allTests()].map((test) => test.result().state);
    const failedHere = states.filter((state) => state === "failed" || state === "pending").length;
    passed += states.filter((state) => state === "passed").length;
    skipped += states.filter((state) => state === "skipped").length;
    failed += module.state() === "failed" ? Math.max(failedHere, 1) : failedHere;
  }
  return { passed, failed, skipped };
}

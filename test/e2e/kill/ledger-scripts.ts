import type { ScriptTurn } from "../../../src/contracts/model.ts";

/** What the agents of the project's own tasks are told to do; the same for those who play them and those who check them. */
export const LEDGER_SCRIPTS = {
  /** Reads side by side, then every kind of write side by side, then what only a human lets through. */
  clerk: [
    { calls: [look("order 1"), look("order 2"), look("order 3")] },
    { calls: [addEntry(100), look("balance"), appendLine("100 booked"), addEntry(250)] },
    { calls: [appendLine("350 booked"), appendLine("balance seen")] },
    { calls: [look("address"), sendLetter("mia")] },
    { calls: [sendLetter("ben"), appendLine("two letters")] },
    { text: "Booked and written." },
  ],
  /** More calls in one turn than run inline. */
  surveyor: [
    { calls: [...Array.from({ length: 10 }, (_, n) => look(`site ${n}`)), addEntry(1), addEntry(2)] },
    { calls: [appendLine("all sites seen")] },
    { text: "Surveyed." },
  ],
  /** Recruits two at once, one of whom recruits as well, and one more when they are done; writes before and after. */
  lead: [
    { calls: [addEntry(1), recruit("foreman", "the north"), recruit("helper", "the south")] },
    { calls: [recruit("helper", "the rest"), appendLine("north and south are done")] },
    { text: "All is booked." },
  ],
  foreman: [
    { calls: [recruit("helper", "its east"), recruit("helper", "its west"), look("the site")] },
    { calls: [appendLine("east and west are done")] },
    { text: "Both sides are booked." },
  ],
  helper: [
    { calls: [look("the place"), addEntry(100), appendLine("begun")] },
    { calls: [addEntry(250)] },
    { text: "Booked." },
  ],
} as const satisfies Readonly<Record<string, readonly ScriptTurn[]>>;

/** What each tool of the ledger does beside answering: nothing, or one entry for each time it is carried out. */
export const LEDGER_WRITES: ReadonlySet<string> = new Set(["add_entry", "append_line", "send_letter"]);

function look(what: string) {
  return { tool: "look_up", args: { what } };
}

/** A part of what there is, so small that several fit beside one another. */
function recruit(agent: "foreman" | "helper", goal: string) {
  return { tool: `ask_${agent}`, args: { goal, share: agent === "foreman" ? 0.4 : 0.15 } };
}

function addEntry(cents: number) {
  return { tool: "add_entry", args: { cents } };
}

function appendLine(line: string) {
  return { tool: "append_line", args: { line } };
}

function sendLetter(to: string) {
  return { tool: "send_letter", args: { to } };
}

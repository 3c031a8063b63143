/** All output fits a terminal of this many columns, links and commands to copy excepted. */
export const COLUMNS = 100;

const INDENT = "  ";
const LABEL_WIDTH = 10;
/** The column at which the texts beside labels begin. */
export const TEXT_AT = INDENT.length + LABEL_WIDTH;
const TEXT_WIDTH = COLUMNS - TEXT_AT;
const LINES_MAX = 4;

/** A label and a text beside it, over as many lines as it takes, at most four. */
export function row(label: string, text: string): readonly string[] {
  const wrapped = wrap(text, TEXT_WIDTH);
  const shown = wrapped.length > LINES_MAX ? cut(wrapped.slice(0, LINES_MAX)) : wrapped;
  return shown.map((line, n) => `${INDENT}${(n === 0 ? label : "").padEnd(LABEL_WIDTH)}${line}`);
}

/** Something to copy whole, below a label. */
export function verbatim(text: string): string {
  return `${" ".repeat(TEXT_AT)}${text}`;
}

/** Two texts on one line, at its two ends. */
export function ends(left: string, right: string): string {
  return `${left}${" ".repeat(Math.max(1, COLUMNS - left.length - right.length))}${right}`;
}

export function usd(microUsd: number): string {
  return `$${(microUsd / 1e6).toFixed(microUsd > 0 && microUsd < 10_000 ? 6 : 4)}`;
}

export function count(n: number, one: string): string {
  return `${n.toLocaleString("en-US")} ${one}${n === 1 ? "" : "s"}`;
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000
    ? `${(ms / 1_000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

function wrap(text: string, width: number): readonly string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, width));
}

/** Breaks at the last space or comma that fits, or in the middle of a word that fits no line. */
function wrapLine(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = text.trimEnd();
  while (rest.length > width) {
    const at = Math.max(rest.lastIndexOf(" ", width), rest.lastIndexOf(",", width - 1) + 1) || width;
    lines.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
  }
  return [...lines, rest];
}

function cut(lines: readonly string[]): readonly string[] {
  return lines.map((line, n) => (n < lines.length - 1 ? line : `${line.slice(0, TEXT_WIDTH - 2)} …`));
}

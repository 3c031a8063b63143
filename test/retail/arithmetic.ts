/**
 * Evaluates numbers, `+ - * /`, parentheses and spaces, with the usual precedence.
 * Null when the expression is anything else, or its value is not a finite number.
 */
export function evaluate(expression: string): number | null {
  const tokens = tokensOf(expression);
  if (tokens === null) return null;
  const reader = { tokens, at: 0 };
  const value = readSum(reader, 0);
  const isWhole = reader.at === tokens.length;
  return value !== null && isWhole && Number.isFinite(value) ? value : null;
}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
}

const TOKEN = /\s*(\d+\.?\d*|\.\d+|[-+*/()])/y;
const LENGTH_MAX = 1_000;
/** Parentheses and signs nest as calls do; without a limit a long input would exhaust the stack. */
const DEPTH_MAX = 100;

function tokensOf(expression: string): readonly string[] | null {
  const text = expression.trim();
  if (text.length > LENGTH_MAX) return null;
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) return null;
    tokens.push(token);
  }
  return tokens;
}

function readSum(reader: Reader, depth: number): number | null {
  return readChain(reader, () => readTerm(reader, depth), { "+": (a, b) => a + b, "-": (a, b) => a - b });
}

function readTerm(reader: Reader, depth: number): number | null {
  return readChain(reader, () => readFactor(reader, depth), { "*": (a, b) => a * b, "/": (a, b) => a / b });
}

type Operators = Readonly<Record<string, (left: number, right: number) => number>>;

function readChain(reader: Reader, readNext: () => number | null, operators: Operators): number | null {
  let value = readNext();
  while (value !== null) {
    const operate = operators[reader.tokens[reader.at] ?? ""];
    if (operate === undefined) return value;
    reader.at += 1;
    const right = readNext();
    value = right === null ? null : operate(value, right);
  }
  return null;
}

function readFactor(reader: Reader, depth: number): number | null {
  const token = reader.tokens[reader.at];
  if (token === undefined || depth > DEPTH_MAX) return null;
  reader.at += 1;
  switch (token) {
    case "-":
    case "+": {
      const value = readFactor(reader, depth + 1);
      if (value === null) return null;
      return token === "-" ? -value : value;
    }
    case "(": {
      const value = readSum(reader, depth + 1);
      if (reader.tokens[reader.at] !== ")") return null;
      reader.at += 1;
      return value;
    }
    default:
      return /\d/.test(token) ? Number(token) : null;
  }
}

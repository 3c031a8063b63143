import { type Program, Visitor, parseSync } from "oxc-parser";

/** One edge from a file to what it names. `specifier` is null where it is computed. */
export interface ImportEdge {
  readonly specifier: string | null;
  /** Leaves no trace at run time. `import { type A }` does: its module is still loaded. */
  readonly typeOnly: boolean;
}

/** Every static and dynamic import, re-export and `import()` type of a file, in source order. */
export function importsOf(source: string): readonly ImportEdge[] {
  const edges: ImportEdge[] = [];
  const add = (specifier: string | null, typeOnly: boolean): void => void edges.push({ specifier, typeOnly });
  new Visitor({
    ImportDeclaration: (node) => add(node.source.value, node.importKind === "type"),
    ExportAllDeclaration: (node) => add(node.source.value, node.exportKind === "type"),
    ExportNamedDeclaration(node) {
      if (node.source !== null) add(node.source.value, node.exportKind === "type");
    },
    ImportExpression({ source: from }) {
      add(from.type === "Literal" && typeof from.value === "string" ? from.value : null, false);
    },
    TSImportType: (node) => add(node.source.value, true),
  }).visit(parse(source));
  return edges;
}

/** The lines of every `x as T` and `<T>x`; `as const` claims nothing that the compiler does not check. */
export function castLinesOf(source: string): readonly number[] {
  const lines: number[] = [];
  const add = (node: { readonly start: number }): void => void lines.push(lineAt(source, node.start));
  new Visitor({
    TSAsExpression(node) {
      const type = node.typeAnnotation;
      const isConst =
        type.type === "TSTypeReference" &&
        type.typeName.type === "Identifier" &&
        type.typeName.name === "const";
      if (!isConst) add(node);
    },
    TSTypeAssertion: add,
  }).visit(parse(source));
  return lines;
}

/** What a file hands on from elsewhere: the lines of `export … from`. */
export function reExportLinesOf(source: string): readonly number[] {
  const lines: number[] = [];
  new Visitor({
    ExportAllDeclaration: (node) => void lines.push(lineAt(source, node.start)),
    ExportNamedDeclaration(node) {
      if (node.source !== null) lines.push(lineAt(source, node.start));
    },
  }).visit(parse(source));
  return lines;
}

/** Functions longer than `linesMax`, by their first line. The callback of `describe` is a heading, not a function. */
export function longFunctionLinesOf(source: string, linesMax: number): readonly number[] {
  const headings = new Set<number>();
  const lines: number[] = [];
  const look = (node: { readonly start: number; readonly end: number }): void => {
    const first = lineAt(source, node.start);
    if (!headings.has(node.start) && lineAt(source, node.end) - first + 1 > linesMax) lines.push(first);
  };
  new Visitor({
    CallExpression(node) {
      const callee = node.callee.type === "CallExpression" ? node.callee.callee : node.callee;
      const isDescribe = source.slice(callee.start, callee.end).split(".")[0] === "describe";
      for (const argument of isDescribe ? node.arguments : []) headings.add(argument.start);
    },
    ArrowFunctionExpression: look,
    FunctionDeclaration: look,
    FunctionExpression: look,
  }).visit(parse(source));
  return lines;
}

function parse(source: string): Program {
  const { program, errors } = parseSync("file.ts", source);
  const [error] = errors;
  if (error !== undefined) throw new SyntaxError(error.message);
  return program;
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}

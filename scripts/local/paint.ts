import { styleText } from "node:util";
import type { Environment } from "./project.ts";

export type Style = "bold" | "dim" | "green" | "yellow" | "red" | "cyan";
export type Paint = (style: Style, text: string) => string;

/** Colours on a terminal whose owner wants them (https://no-color.org), plain text everywhere else. */
export function paintFor(stream: { readonly isTTY?: boolean }, env: Environment): Paint {
  const wanted = stream.isTTY === true && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
  return wanted ? (style, text) => styleText(style, text, { validateStream: false }) : plain;
}

export const plain: Paint = (_style, text) => text;

import { Expected } from "./script.ts";

/** Whether a script's only option was given. */
export function givenOption(args: readonly string[], option: string): boolean {
  const unknown = args.find((arg) => arg !== option);
  if (unknown !== undefined) throw new Expected(`Unknown option ${unknown}. There is only ${option}.`);
  return args.includes(option);
}

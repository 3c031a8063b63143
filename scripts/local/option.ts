import { Expected } from "./script.ts";

/** The options that were given: none, or all of one of the ways in which a script can be run. */
export function givenOptions(
  args: readonly string[],
  ways: readonly (readonly string[])[],
): ReadonlySet<string> {
  const known = ways.flat();
  const unknown = args.find((arg) => !known.includes(arg));
  const choices = ways.map((way) => way.join(" ")).join(", ");
  if (unknown !== undefined) throw new Expected(`Unknown option ${unknown}. There is only ${choices}.`);
  const given = new Set(args);
  const fits = ways.some((way) => way.length === given.size && way.every((option) => given.has(option)));
  if (given.size > 0 && !fits)
    throw new Expected(`${[...given].join(" ")} cannot be given like that. There is only ${choices}.`);
  return given;
}

/** Whether a script's only option was given. */
export function givenOption(args: readonly string[], option: string): boolean {
  return givenOptions(args, [[option]]).has(option);
}

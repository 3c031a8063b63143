import type { Json, JsonObject } from "../contracts/json.ts";

/** What lies under a JSON pointer (RFC 6901) that is not the empty one; undefined when nothing does. */
export function valueAt(value: Json, pointer: string): Json | undefined {
  let here: Json | undefined = value;
  for (const token of pointer.split("/").slice(1)) {
    if (typeof here !== "object" || here === null) return undefined;
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    here = isArray(here) ? elementAt(here, name) : memberOf(here, name);
  }
  return here;
}

function elementAt(list: readonly Json[], token: string): Json | undefined {
  return /^(0|[1-9][0-9]*)$/.test(token) ? list[Number(token)] : undefined;
}

function memberOf(value: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

/** `Array.isArray` does not narrow readonly arrays. */
function isArray(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}

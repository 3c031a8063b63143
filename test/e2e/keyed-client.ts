import { randomBytes } from "node:crypto";

const KEY = `cs_${randomBytes(32).toString("base64url")}`;

/** What a Worker that is made `withKey` has of secrets, beside its models' keys. */
export const KEYS = {
  TEST_KEY: KEY,
  LINK_KEYS: JSON.stringify({ k1: randomBytes(32).toString("base64url") }),
  LINK_KID: "k1",
  CURSOR_KEY: randomBytes(32).toString("base64url"),
};

/** The JSON of the answer; a read waits for the task's end for half a minute. Throws when it is refused. */
export async function ask(url: URL, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(new URL(path, url), {
    method,
    headers: {
      authorization: `Bearer ${KEY}`,
      "content-type": "application/json",
      accept: "application/json",
      prefer: "wait=30",
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return await response.json();
}

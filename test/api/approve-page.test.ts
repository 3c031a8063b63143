import { expect, test } from "vitest";
import { linkRing, signLink } from "../../src/api/link.ts";
import {
  APPROVAL,
  FUNDS_QUESTION,
  HAND_OFF_QUESTION,
  JOIN_QUESTION,
  LINK_KEYS,
  T0,
  TASK,
  openApproval,
} from "./fixtures.ts";
import { World } from "./world.ts";

const claims = { tenant: "acme", task: TASK, approval: APPROVAL, recipient: "ana", exp: T0 / 1_000 + 600 };
const token = signLink(linkRing(LINK_KEYS, "k1"), claims);

test("the page says what is asked, as text, needs no script and lets nothing in", async () => {
  const world = new World();
  const args = { note: `</pre><script>alert("x")</script>&'` };
  world.task(TASK).approvals = [
    openApproval({ question: { kind: "call", callId: "c", tool: "refund_order", args, proposalHash: "p" } }),
  ];
  const response = await world.call("GET", `/v1/approve/${token}`, { key: null });
  const html = await response.text();
  expect(html).toContain("May refund_order be carried out?");
  expect(html).toContain("agent support-desk, on behalf of mia");
  expect(html).toContain("&lt;/pre&gt;&lt;script&gt;alert(\\&quot;x\\&quot;)&lt;/script&gt;&amp;&#39;");
  expect(html).not.toContain("<script");
  expect(html).toContain('<label for="comment">');
  expect(html).toMatch(/<button type="submit" name="decision" value="approve">/);
  expect(response.headers.get("content-security-policy")).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
  );
  expect(response.headers.get("referrer-policy")).toBe("no-referrer");
  expect(response.headers.get("cache-control")).toBe("no-store");
});

test.each([
  [
    "a budget",
    { kind: "budget", dimension: "turns", limit: 20, proposed: 40 } as const,
    ["May the limit of turns be raised?", "20", "40"],
  ],
  [
    "a second attempt",
    { kind: "resend", callId: "c", tool: "refund_order", args: { a: 1 }, proposalHash: "p" } as const,
    ["Shall refund_order be sent again?", "nobody knows"],
  ],
  [
    "a budget of everybody's",
    FUNDS_QUESTION,
    ["May the tenant&#39;s limit of tokens for this day be raised?", "700", "1400"],
  ],
  [
    "a step that failed",
    HAND_OFF_QUESTION,
    [
      "May the task go on with its turn 2, which failed?",
      "Failed by",
      "refused",
      "Leo &amp; Mia",
      "look_up",
      "Your comment",
    ],
  ],
  ["a join", JOIN_QUESTION, ["May the task go on with what findings brought?", "look_up", "Leo &amp; Mia"]],
])("the page asks about %s in its own words", async (_what, question, words) => {
  const world = new World();
  world.task(TASK).approvals = [openApproval({ question })];
  const html = await (await world.call("GET", `/v1/approve/${token}`, { key: null })).text();
  for (const word of words) expect(html).toContain(word);
});

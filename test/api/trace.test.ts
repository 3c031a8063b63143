import { expect, test } from "vitest";
import { traceOf } from "../../src/api/trace.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";

const trace = (traceparent?: string) =>
  traceOf(new Headers(traceparent === undefined ? {} : { traceparent }));

test.each([
  ["of this version", `00-${TRACE}-${PARENT}-01`, "01"],
  ["not sampled", `00-${TRACE}-${PARENT}-00`, "00"],
  ["of a later version that says more", `cc-${TRACE}-${PARENT}-01-more`, "01"],
])("a trace %s goes on under a span of its own", (_what, traceparent, flags) => {
  const { traceId, traceparent: own } = trace(traceparent);
  expect(traceId).toBe(TRACE);
  expect(own).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-${flags}$`));
  expect(own).not.toContain(PARENT);
});

test.each([
  ["that is not there", undefined],
  ["that is garbage", "hello"],
  ["in capitals", `00-${TRACE.toUpperCase()}-${PARENT}-01`],
  ["of no trace", `00-${"0".repeat(32)}-${PARENT}-01`],
  ["of no span", `00-${TRACE}-${"0".repeat(16)}-01`],
  ["of the version that there never is", `ff-${TRACE}-${PARENT}-01`],
  ["of this version that says more", `00-${TRACE}-${PARENT}-01-more`],
  ["cut off", `00-${TRACE}-${PARENT}`],
])("a trace %s is begun anew", (_what, traceparent) => {
  const { traceId, traceparent: own } = trace(traceparent);
  expect(traceId).not.toBe(TRACE);
  expect(own).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  expect(trace(traceparent).traceId).not.toBe(traceId);
});

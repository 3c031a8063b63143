import { z } from "zod";
import { JsonObject } from "../../../src/contracts/json.ts";
import { findRetailData, readTasks, readTools } from "../../retail/data.ts";
import { lookups } from "../../retail/rules/lookups.ts";
import { RULES } from "../../retail/rules/rules.ts";
import {
  CANCEL,
  EXCHANGE,
  MODIFY,
  RETURN,
  blueForWhite,
  caller,
  cancelIt,
  initialSample,
  returnMug,
} from "../../retail/sample-caller.ts";
import { ShopRun } from "../../retail/shop-run.ts";
import type { RetailTask } from "../../retail/tasks.ts";
import { type RetailTool, retailTools } from "../../retail/tools.ts";

/** Tasks of a shop and the tools that they need. `dataDir` is null for the project's own sample shop. */
export interface RetailSource {
  readonly dataDir: string | null;
  readonly tools: readonly RetailTool[];
  readonly tasks: readonly RetailTask[];
  /** Which of the two it is, for the test's output. */
  readonly said: string;
}

/** The recorded domain where it lies beside the project, else the sample shop. */
export function retailSource(): RetailSource {
  const data = findRetailData();
  if (!data.found) return sampleSource(`${data.reason}: the sample shop's tasks run in their place`);
  const tasks = readTasks(data.dir);
  return {
    dataDir: data.dir,
    tools: readTools(data.dir),
    tasks,
    said: `${tasks.length} recorded retail tasks`,
  };
}

const SAMPLE_TASKS: Readonly<Record<string, readonly (readonly [tool: string, args: JsonObject])[]>> = {
  reads: [
    ["find_user_id_by_email", { email: "ada.berg@example.com" }],
    ["get_user_details", { user_id: "ada_berg_1" }],
    ["list_all_product_types", {}],
  ],
  cancel: [
    ["get_order_details", { order_id: "#PENDING" }],
    [CANCEL, cancelIt],
    ["get_order_details", { order_id: "#PENDING" }],
  ],
  return: [
    ["calculate", { expression: "10 + 12.5" }],
    [RETURN, returnMug],
  ],
  exchange: [
    ["get_product_details", { product_id: "p-mug" }],
    [EXCHANGE, { order_id: "#DELIVERED", ...blueForWhite }],
  ],
  modify: [
    ["get_order_details", { order_id: "#PENDING" }],
    [MODIFY, { order_id: "#PENDING", ...blueForWhite }],
  ],
  "cancel-too-late": [[CANCEL, { ...cancelIt, order_id: "#PROCESSED" }]],
};

function sampleSource(said: string): RetailSource {
  const declared = [...RULES].map(([name, { args }]) => ({
    type: "function",
    function: { name, description: name, parameters: JsonObject.parse(z.toJSONSchema(args)) },
  }));
  const writes = [...RULES.keys()].filter((name) => !Object.hasOwn(lookups, name));
  const tools = retailTools(declared, { write_tools: writes, initial_db_sha256: "" });
  return {
    dataDir: null,
    tools,
    tasks: Object.keys(SAMPLE_TASKS).map((id) => sampleTask(id, new Set(writes))),
    said,
  };
}

/** What is expected of it is what its calls come to when nobody is between them and the shop. */
function sampleTask(id: string, writes: ReadonlySet<string>): RetailTask {
  const run = new ShopRun(initialSample);
  const call = caller(run);
  const actions = (SAMPLE_TASKS[id] ?? []).map(([name, args]) => {
    const { body } = call(name, args);
    return {
      name,
      arguments: args,
      kind: writes.has(name) ? ("write" as const) : ("read" as const),
      result_is_error: "error" in body,
      result: null,
      result_sha256: "",
    };
  });
  const changed = z.record(z.string(), JsonObject).parse(JSON.parse(JSON.stringify(run.changed())));
  return { id, instructions: {}, actions, expected_changed_records: changed, expected_db_sha256: "" };
}

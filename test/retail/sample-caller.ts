import { InitialShop } from "./initial-shop.ts";
import { plainCanonicalJson } from "./recorded-json.ts";
import { RULES } from "./rules/rules.ts";
import { sampleShop } from "./sample-shop.ts";
import type { Answer, ShopRun } from "./shop-run.ts";

export type Args = Readonly<Record<string, unknown>>;

export const initialSample = new InitialShop(sampleShop);

/** Calls tools on a run, each time under a key of its own. */
export function caller(run: ShopRun): (tool: string, args: Args) => Answer {
  let calls = 0;
  return (tool, args) => {
    calls += 1;
    const rule = RULES.get(tool);
    if (rule === undefined) throw new Error(`no rule for ${tool}`);
    const argsDigest = plainCanonicalJson(args);
    return run.settle({ key: `call-${calls}`, tool, args, argsDigest }, rule).answer;
  };
}

export const CANCEL = "cancel_pending_order";
export const EXCHANGE = "exchange_delivered_order_items";
export const MODIFY = "modify_pending_order_items";
export const PAY = "modify_pending_order_payment";
export const RETURN = "return_delivered_order_items";

/** Arguments that the sample shop takes, as they are or with an order of that kind. */
export const cancelIt = { order_id: "#PENDING", reason: "no longer needed" };
export const blueForWhite = {
  item_ids: ["mug-white"],
  new_item_ids: ["mug-blue"],
  payment_method_id: "credit_card_1",
};
export const returnMug = {
  order_id: "#DELIVERED",
  item_ids: ["mug-white"],
  payment_method_id: "credit_card_1",
};

import { describe, expect, test } from "vitest";
import {
  blueForWhite,
  CANCEL,
  caller,
  cancelIt,
  EXCHANGE,
  initialSample,
  MODIFY,
  PAY,
  RETURN,
  returnMug,
  type Args,
} from "./sample-caller.ts";
import { ShopRun } from "./shop-run.ts";

const elsewhere = {
  address1: "2 Elm Street",
  address2: "Flat 3",
  city: "Austin",
  state: "TX",
  country: "USA",
  zip: "78701",
};
const REFUSED: readonly (readonly [string, string, Args])[] = [
  ["cancel a delivered order", CANCEL, { ...cancelIt, order_id: "#DELIVERED" }],
  ["cancel a processed order", CANCEL, { ...cancelIt, order_id: "#PROCESSED" }],
  ["cancel a cancelled order", CANCEL, { ...cancelIt, order_id: "#CANCELLED" }],
  ["cancel an order that is not there", CANCEL, { ...cancelIt, order_id: "#NONE" }],
  ["cancel for another reason", CANCEL, { ...cancelIt, reason: "too expensive" }],
  ["readdress a delivered order", "modify_pending_order_address", { order_id: "#DELIVERED", ...elsewhere }],
  ["readdress an unknown customer", "modify_user_address", { user_id: "nobody", ...elsewhere }],
  ["readdress without a city", "modify_user_address", { user_id: "ada_berg_1", zip: "78701" }],
  ["modify the items of a processed order", MODIFY, { ...blueForWhite, order_id: "#PROCESSED" }],
  [
    "modify to an unavailable item",
    MODIFY,
    { ...blueForWhite, order_id: "#PENDING", new_item_ids: ["mug-grey"] },
  ],
  [
    "modify to another product",
    MODIFY,
    { ...blueForWhite, order_id: "#PENDING", new_item_ids: ["lamp-brass"] },
  ],
  ["modify to the same item", MODIFY, { ...blueForWhite, order_id: "#PENDING", new_item_ids: ["mug-white"] }],
  [
    "modify an item that is not ordered",
    MODIFY,
    { ...blueForWhite, order_id: "#PENDING", item_ids: ["mug-gold"] },
  ],
  [
    "modify one item twice over",
    MODIFY,
    {
      ...blueForWhite,
      order_id: "#PENDING",
      item_ids: ["mug-white", "mug-white"],
      new_item_ids: ["mug-blue", "mug-gold"],
    },
  ],
  [
    "modify more items than are named",
    MODIFY,
    { ...blueForWhite, order_id: "#PENDING", new_item_ids: ["mug-blue", "mug-gold"] },
  ],
  ["modify nothing", MODIFY, { ...blueForWhite, order_id: "#PENDING", item_ids: [], new_item_ids: [] }],
  [
    "modify on another's payment method",
    MODIFY,
    { ...blueForWhite, order_id: "#PENDING", payment_method_id: "paypal_2" },
  ],
  [
    "modify beyond the gift card's balance",
    MODIFY,
    {
      order_id: "#PENDING",
      item_ids: ["mug-white"],
      new_item_ids: ["mug-gold"],
      payment_method_id: "gift_card_1",
    },
  ],
  ["pay as before", PAY, { order_id: "#PENDING", payment_method_id: "credit_card_1" }],
  ["pay with what is not the customer's", PAY, { order_id: "#PENDING", payment_method_id: "paypal_2" }],
  ["pay with too small a gift card", PAY, { order_id: "#PENDING", payment_method_id: "gift_card_1" }],
  ["pay a delivered order otherwise", PAY, { order_id: "#DELIVERED", payment_method_id: "paypal_1" }],
  ["return a pending order", RETURN, { ...returnMug, order_id: "#PENDING" }],
  ["return an item that is not ordered", RETURN, { ...returnMug, item_ids: ["mug-blue"] }],
  ["return more than was ordered", RETURN, { ...returnMug, item_ids: ["mug-white", "mug-white"] }],
  ["return nothing", RETURN, { ...returnMug, item_ids: [] }],
  ["be refunded on another method than paid", RETURN, { ...returnMug, payment_method_id: "paypal_1" }],
  ["be refunded on another's method", RETURN, { ...returnMug, payment_method_id: "paypal_2" }],
  ["exchange a pending order", EXCHANGE, { ...blueForWhite, order_id: "#PENDING" }],
  [
    "exchange for an unavailable item",
    EXCHANGE,
    { ...blueForWhite, order_id: "#DELIVERED", new_item_ids: ["mug-grey"] },
  ],
  [
    "exchange for another product",
    EXCHANGE,
    { ...blueForWhite, order_id: "#DELIVERED", new_item_ids: ["lamp-brass"] },
  ],
  [
    "exchange on an unknown method",
    EXCHANGE,
    { ...blueForWhite, order_id: "#DELIVERED", payment_method_id: "constructor" },
  ],
  [
    "exchange beyond the gift card's balance",
    EXCHANGE,
    {
      order_id: "#DELIVERED",
      item_ids: ["mug-white"],
      new_item_ids: ["mug-gold"],
      payment_method_id: "gift_card_1",
    },
  ],
  ["find an unknown email", "find_user_id_by_email", { email: "nobody@example.com" }],
  [
    "find by a name and another's zip",
    "find_user_id_by_name_zip",
    { first_name: "Ada", last_name: "Berg", zip: "1" },
  ],
  ["look up an unknown order", "get_order_details", { order_id: "constructor" }],
  ["look up an unknown item", "get_item_details", { item_id: "toString" }],
  ["look up an item as a product", "get_product_details", { product_id: "mug-white" }],
  ["take an argument that it does not name", "get_user_details", { user_id: "ada_berg_1", verbose: true }],
  ["calculate with words", "calculate", { expression: "two + 2" }],
];

describe("the shop refuses to", () => {
  test.each(REFUSED)("%s", (_what, tool, args) => {
    const run = new ShopRun(initialSample);
    expect(caller(run)(tool, args)).toMatchObject({ status: 422 });
    expect(run.changed()).toEqual({});
    expect(run.sha256()).toBe(new ShopRun(initialSample).sha256());
  });

  const DONE_ONCE: readonly (readonly [string, string, Args])[] = [
    ["cancel", CANCEL, cancelIt],
    ["modify the items", MODIFY, { ...blueForWhite, order_id: "#PENDING" }],
    ["modify the payment", PAY, { order_id: "#PENDING", payment_method_id: "paypal_1" }],
    ["return", RETURN, returnMug],
    ["exchange", EXCHANGE, { ...blueForWhite, order_id: "#DELIVERED" }],
  ];
  test.each(DONE_ONCE)("%s a second time, under whatever key", (_what, tool, args) => {
    const run = new ShopRun(initialSample);
    const call = caller(run);
    expect(call(tool, args).status).toBe(200);
    const after = run.sha256();
    expect(call(tool, args).status).toBe(422);
    expect(run.sha256()).toBe(after);
  });

  test("touch the items or the payment of an order whose items were modified, or cancel it", () => {
    const run = new ShopRun(initialSample);
    const call = caller(run);
    call(MODIFY, { ...blueForWhite, order_id: "#PENDING" });
    expect(call(CANCEL, cancelIt).status).toBe(422);
    expect(call(PAY, { order_id: "#PENDING", payment_method_id: "paypal_1" }).status).toBe(422);
    const lamp = { ...blueForWhite, item_ids: ["lamp-black"], new_item_ids: ["lamp-brass"] };
    expect(call(MODIFY, { ...lamp, order_id: "#PENDING" }).status).toBe(422);
  });

  test("exchange what is on its way back, or take back what is being exchanged", () => {
    const call = caller(new ShopRun(initialSample));
    call(RETURN, returnMug);
    expect(call(EXCHANGE, { ...blueForWhite, order_id: "#DELIVERED" }).status).toBe(422);
    const twins = { order_id: "#DELIVERED_TWINS", payment_method_id: "paypal_1" };
    call(EXCHANGE, { ...twins, item_ids: ["mug-white"], new_item_ids: ["mug-blue"] });
    expect(call(RETURN, { ...twins, item_ids: ["mug-white"] }).status).toBe(422);
  });
});

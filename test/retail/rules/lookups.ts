import { z } from "zod";
import { evaluate } from "../arithmetic.ts";
import { pythonFloat, roundCents } from "../recorded-json.ts";
import { answer, refused, rule, type Rule } from "./rule.ts";

const findUserIdByEmail = rule(z.strictObject({ email: z.string() }), (shop, args) => {
  for (const user of shop.users()) {
    if (isSameText(user.email, args.email)) return answer(user.user_id);
  }
  return refused("user not found");
});

const findUserIdByNameZip = rule(
  z.strictObject({ first_name: z.string(), last_name: z.string(), zip: z.string() }),
  (shop, args) => {
    for (const user of shop.users()) {
      const isNamed =
        isSameText(user.name.first_name, args.first_name) && isSameText(user.name.last_name, args.last_name);
      if (isNamed && user.address.zip === args.zip) return answer(user.user_id);
    }
    return refused("user not found");
  },
);

/** People do not mind capitals in a name or an email address. */
function isSameText(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

const getUserDetails = rule(z.strictObject({ user_id: z.string() }), (shop, args) => {
  const user = shop.user(args.user_id);
  return user === undefined ? refused("user not found") : answer(user);
});

const getOrderDetails = rule(z.strictObject({ order_id: z.string() }), (shop, args) => {
  const order = shop.order(args.order_id);
  return order === undefined ? refused("order not found") : answer(order);
});

const getProductDetails = rule(z.strictObject({ product_id: z.string() }), (shop, args) => {
  const product = shop.product(args.product_id);
  return product === undefined ? refused("product not found") : answer(product);
});

const getItemDetails = rule(z.strictObject({ item_id: z.string() }), (shop, args) => {
  for (const product of shop.products()) {
    const variant = Object.hasOwn(product.variants, args.item_id) && product.variants[args.item_id];
    if (variant) return answer(variant);
  }
  return refused("item not found");
});

const listAllProductTypes = rule(z.strictObject({}), (shop) => {
  const named = [...shop.products()].map((product): [string, string] => [product.name, product.product_id]);
  return answer(Object.fromEntries(named.sort(([left], [right]) => (left < right ? -1 : 1))));
});

const calculate = rule(z.strictObject({ expression: z.string() }), (_shop, args) => {
  const value = evaluate(args.expression);
  return value === null ? refused("invalid expression") : answer(pythonFloat(roundCents(value)));
});

const think = rule(z.strictObject({ thought: z.string() }), () => answer(""));

const transferToHumanAgents = rule(z.strictObject({ summary: z.string() }), () =>
  answer("Transfer successful"),
);

/** The tools that change nothing. */
export const lookups: Readonly<Record<string, Rule>> = {
  calculate,
  find_user_id_by_email: findUserIdByEmail,
  find_user_id_by_name_zip: findUserIdByNameZip,
  get_item_details: getItemDetails,
  get_order_details: getOrderDetails,
  get_product_details: getProductDetails,
  get_user_details: getUserDetails,
  list_all_product_types: listAllProductTypes,
  think,
  transfer_to_human_agents: transferToHumanAgents,
};

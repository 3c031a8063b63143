import { expect, test } from "vitest";
import { AccountStore } from "../../src/storage/account-store.ts";
import { Sqlite } from "../simulation/sqlite.ts";

const NONE = { costMicroUsd: 0, tokens: 0 };
const sumOf = (key: string, word: object) => ({
  key,
  spent: { costMicroUsd: 700, tokens: 9 },
  overrun: NONE,
  alerted: NONE,
  asker: null,
  ...word,
});

/** A book as it lies on disk. */
function stored(word: object): AccountStore {
  const sqlite = new Sqlite();
  const store = new AccountStore({
    exec: (sql, ...values) => sqlite.all(sql, values),
    transaction: (work) => work(),
  });
  store.write({
    accounts: [],
    holdings: [["t1", { principal: "mia", n: 1, held: NONE, counted: NONE, back: true, atMs: 1 }]],
    forgotten: [],
  });
  const account = { day: sumOf("2026-11-27", word), month: sumOf("2026-11", word), held: NONE };
  sqlite.all("INSERT INTO accounts VALUES (?, ?)", ["mia", JSON.stringify(account)]);
  return store;
}

test("what a human said of a ceiling is kept as it was written", () => {
  const word = { raised: { tokens: { to: 9, declared: 5 } }, closed: { costMicroUsd: 5 } };
  expect(stored(word).accounts()).toMatchObject([["mia", { day: word, month: word }]]);
});

test.each([
  { raised: {}, closed: false },
  { raised: { costMicroUsd: 900 }, closed: true },
])("a human's word in another form (%j) is forgotten, and what was spent is not", (word) => {
  const sum = { spent: { costMicroUsd: 700, tokens: 9 }, raised: {}, closed: {} };
  expect(stored(word).accounts()).toMatchObject([["mia", { day: sum, month: sum }]]);
});

import { keepsItsAccounts } from "./accounts.ts";
import { asksOnlyCovered } from "./allowances.ts";
import { asksOnce, asksOnlyWhatStands, isAnsweredRightly } from "./approvals.ts";
import {
  chargesNothingUnclaimed,
  raisesNothingByItself,
  staysWithinBudget,
  stopsAtOverrun,
} from "./budget.ts";
import {
  type RightsOfWorld,
  interruptsOnlyWhatWasOut,
  keepsWhatIsSettled,
  knowsRightsOfNow,
  letsGoOnlyAllowed,
  takesFirstOutcome,
  thinksOnlyWithAuthority,
} from "./calls.ts";
import { JOIN_CHECKS } from "./joins.ts";
import { LADDER_CHECKS } from "./ladder.ts";
import { ROUTE_CHECKS } from "./routes.ts";
import { followsEdges, restsWhilePaused, resumesInSight, waitsOnlyForHumans } from "./status.ts";
import type { Check } from "./witness.ts";

/** What must be true of every commit once it is durable. */
export function everyCommit(rights: RightsOfWorld): readonly Check[] {
  return [
    followsEdges,
    waitsOnlyForHumans,
    resumesInSight,
    restsWhilePaused,
    staysWithinBudget,
    keepsItsAccounts,
    asksOnlyCovered,
    raisesNothingByItself,
    stopsAtOverrun,
    chargesNothingUnclaimed,
    isAnsweredRightly,
    asksOnlyWhatStands,
    asksOnce((approver) => rights.isAlwaysEntitled(approver)),
    letsGoOnlyAllowed,
    knowsRightsOfNow(rights),
    keepsWhatIsSettled,
    takesFirstOutcome,
    interruptsOnlyWhatWasOut,
    thinksOnlyWithAuthority,
    ...JOIN_CHECKS,
    ...ROUTE_CHECKS,
    ...LADDER_CHECKS,
  ];
}

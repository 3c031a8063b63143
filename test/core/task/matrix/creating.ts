/** What a task makes of being created, started, interrupted, paused and canceled, wherever it is. */
export const CREATING = {
  create: `
                                                 | the same | another
    queued                                       | -        | refused idempotency_conflict
    queued, paused                               | -        | refused idempotency_conflict
    queued, a turn open                          | -        | refused idempotency_conflict
    queued, a call claimed                       | -        | refused idempotency_conflict
    queued, a call retrying                      | -        | refused idempotency_conflict
    resting, paused                              | -        | refused idempotency_conflict
    model inline                                 | -        | refused idempotency_conflict
    model inline, another well                   | -        | refused idempotency_conflict
    model inline, paused                         | -        | refused idempotency_conflict
    model queued                                 | -        | refused idempotency_conflict
    model claimed                                | -        | refused idempotency_conflict
    model retrying                               | -        | refused idempotency_conflict
    model held                                   | -        | refused idempotency_conflict
    model held, answered while paused            | -        | refused idempotency_conflict
    model retrying, paused                       | -        | refused idempotency_conflict
    call ready                                   | -        | refused idempotency_conflict
    call proposed, the key not read lately       | -        | refused idempotency_conflict
    call held on itself                          | -        | refused idempotency_conflict
    call held on budget                          | -        | refused idempotency_conflict
    call held on resend                          | -        | refused idempotency_conflict
    call inline                                  | -        | refused idempotency_conflict
    call inline, paused                          | -        | refused idempotency_conflict
    call queued                                  | -        | refused idempotency_conflict
    call claimed                                 | -        | refused idempotency_conflict
    call retrying                                | -        | refused idempotency_conflict
    call reading back                            | -        | refused idempotency_conflict
    call reading back, it is over                | -        | refused idempotency_conflict
    call retrying to read back                   | -        | refused idempotency_conflict
    calls held, out and settled                  | -        | refused idempotency_conflict
    child asked for                              | -        | refused idempotency_conflict
    child at work                                | -        | refused idempotency_conflict
    child asked how it is                        | -        | refused idempotency_conflict
    a join open                                  | -        | refused idempotency_conflict
    a join open, its deadline ahead              | -        | refused idempotency_conflict
    model inline, a stray may finish             | -        | refused idempotency_conflict
    model inline, a stray is ended               | -        | refused idempotency_conflict
    resting, a stray gives back                  | -        | refused idempotency_conflict
    model held on a join                         | -        | refused idempotency_conflict
    failed, a stray is ended                     | -        | refused idempotency_conflict
    queued, to ask for an allowance              | -        | refused idempotency_conflict
    queued, without a place                      | -        | refused idempotency_conflict
    model inline, under budgets                  | -        | refused idempotency_conflict
    model unfunded                               | -        | refused idempotency_conflict
    model unfunded, paused                       | -        | refused idempotency_conflict
    model unfunded, what it held given back      | -        | refused idempotency_conflict
    model held on funds                          | -        | refused idempotency_conflict
    call held on itself, an allowance given back | -        | refused idempotency_conflict
    completed, an allowance given back           | -        | refused idempotency_conflict
    model held on a hand-off                     | -        | refused idempotency_conflict
    model escalated                              | -        | refused idempotency_conflict
    resting, stuck and paused                    | -        | refused idempotency_conflict
    model held on a budget, on the ladder        | -        | refused idempotency_conflict
    model submitted                              | -        | refused idempotency_conflict
    model submitted, paused                      | -        | refused idempotency_conflict
    model submitted, under budgets               | -        | refused idempotency_conflict
    model retrying, a response to drop           | -        | refused idempotency_conflict
    canceled, a response to drop                 | -        | refused idempotency_conflict
    completed                                    | -        | refused idempotency_conflict
    failed, thinking                             | -        | refused idempotency_conflict
    failed, declined                             | -        | refused idempotency_conflict
    failed, calls settled                        | -        | refused idempotency_conflict
    failed, a call out                           | -        | refused idempotency_conflict
    failed, a child at work                      | -        | refused idempotency_conflict
    a child, completed                           | -        | refused idempotency_conflict
    a child, failed                              | -        | refused idempotency_conflict
    a child, its parent told                     | -        | refused idempotency_conflict
    canceled                                     | -        | refused idempotency_conflict
    canceled, a call out                         | -        | refused idempotency_conflict
    canceled, calls settled                      | -        | refused idempotency_conflict
    `,
  start: `
                                                 | once
    queued                                       | taskStarted modelCallIntended
    queued, paused                               | taskStarted
    queued, a turn open                          | taskStarted
    queued, a call claimed                       | taskStarted
    queued, a call retrying                      | taskStarted
    resting, paused                              | -
    model inline                                 | -
    model inline, another well                   | -
    model inline, paused                         | -
    model queued                                 | -
    model claimed                                | -
    model retrying                               | -
    model held                                   | -
    model held, answered while paused            | -
    model retrying, paused                       | -
    call ready                                   | -
    call proposed, the key not read lately       | -
    call held on itself                          | -
    call held on budget                          | -
    call held on resend                          | -
    call inline                                  | -
    call inline, paused                          | -
    call queued                                  | -
    call claimed                                 | -
    call retrying                                | -
    call reading back                            | -
    call reading back, it is over                | -
    call retrying to read back                   | -
    calls held, out and settled                  | -
    child asked for                              | -
    child at work                                | -
    child asked how it is                        | -
    a join open                                  | -
    a join open, its deadline ahead              | -
    model inline, a stray may finish             | -
    model inline, a stray is ended               | -
    resting, a stray gives back                  | -
    model held on a join                         | -
    failed, a stray is ended                     | -
    queued, to ask for an allowance              | -
    queued, without a place                      | -
    model inline, under budgets                  | -
    model unfunded                               | -
    model unfunded, paused                       | -
    model unfunded, what it held given back      | -
    model held on funds                          | -
    call held on itself, an allowance given back | -
    completed, an allowance given back           | -
    model held on a hand-off                     | -
    model escalated                              | -
    resting, stuck and paused                    | -
    model held on a budget, on the ladder        | -
    model submitted                              | -
    model submitted, paused                      | -
    model submitted, under budgets               | -
    model retrying, a response to drop           | -
    canceled, a response to drop                 | -
    completed                                    | -
    failed, thinking                             | -
    failed, declined                             | -
    failed, calls settled                        | -
    failed, a call out                           | -
    failed, a child at work                      | -
    a child, completed                           | -
    a child, failed                              | -
    a child, its parent told                     | -
    canceled                                     | -
    canceled, a call out                         | -
    canceled, calls settled                      | -
    `,
  interrupted: `
                                                 | once
    queued                                       | -
    queued, paused                               | -
    queued, a turn open                          | -
    queued, a call claimed                       | -
    queued, a call retrying                      | -
    resting, paused                              | -
    model inline                                 | modelCallFailed modelCallIntended
    model inline, another well                   | modelCallFailed modelCallIntended
    model inline, paused                         | modelCallFailed
    model queued                                 | modelCallResent
    model claimed                                | -
    model retrying                               | -
    model held                                   | -
    model held, answered while paused            | -
    model retrying, paused                       | -
    call ready                                   | -
    call proposed, the key not read lately       | -
    call held on itself                          | -
    call held on budget                          | -
    call held on resend                          | -
    call inline                                  | callReadied
    call inline, paused                          | callReadied
    call queued                                  | callResent
    call claimed                                 | -
    call retrying                                | -
    call reading back                            | readBackIntended
    call reading back, it is over                | readBackIntended
    call retrying to read back                   | -
    calls held, out and settled                  | callReadied
    child asked for                              | callResent
    child at work                                | -
    child asked how it is                        | readBackIntended
    a join open                                  | callReadied callReadied
    a join open, its deadline ahead              | callReadied callReadied
    model inline, a stray may finish             | modelCallFailed modelCallIntended
    model inline, a stray is ended               | modelCallFailed modelCallIntended
    resting, a stray gives back                  | -
    model held on a join                         | -
    failed, a stray is ended                     | -
    queued, to ask for an allowance              | -
    queued, without a place                      | -
    model inline, under budgets                  | modelCallFailed modelCallIntended
    model unfunded                               | -
    model unfunded, paused                       | -
    model unfunded, what it held given back      | -
    model held on funds                          | -
    call held on itself, an allowance given back | -
    completed, an allowance given back           | -
    model held on a hand-off                     | -
    model escalated                              | modelCallFailed modelCallIntended
    resting, stuck and paused                    | -
    model held on a budget, on the ladder        | -
    model submitted                              | -
    model submitted, paused                      | -
    model submitted, under budgets               | -
    model retrying, a response to drop           | -
    canceled, a response to drop                 | -
    completed                                    | -
    failed, thinking                             | -
    failed, declined                             | -
    failed, calls settled                        | -
    failed, a call out                           | -
    failed, a child at work                      | -
    a child, completed                           | -
    a child, failed                              | -
    a child, its parent told                     | -
    canceled                                     | -
    canceled, a call out                         | -
    canceled, calls settled                      | -
    `,
} as const;

/** What comes of a child. */
export const FAMILY = {
  childEnded: `
                                                 | done                                    | failed                                  | used too much                        | other call
    queued                                       | -                                       | -                                       | -                                    | -
    queued, paused                               | -                                       | -                                       | -                                    | -
    queued, a turn open                          | -                                       | -                                       | -                                    | -
    queued, a call claimed                       | -                                       | -                                       | -                                    | -
    queued, a call retrying                      | -                                       | -                                       | -                                    | -
    resting, paused                              | -                                       | -                                       | -                                    | -
    model inline                                 | -                                       | -                                       | -                                    | -
    model inline, another well                   | -                                       | -                                       | -                                    | -
    model inline, paused                         | -                                       | -                                       | -                                    | -
    model queued                                 | -                                       | -                                       | -                                    | -
    model claimed                                | -                                       | -                                       | -                                    | -
    model retrying                               | -                                       | -                                       | -                                    | -
    model held                                   | -                                       | -                                       | -                                    | -
    model held, answered while paused            | -                                       | -                                       | -                                    | -
    model retrying, paused                       | -                                       | -                                       | -                                    | -
    call ready                                   | -                                       | -                                       | -                                    | -
    call proposed, the key not read lately       | -                                       | -                                       | -                                    | -
    call held on itself                          | -                                       | -                                       | -                                    | -
    call held on budget                          | -                                       | -                                       | -                                    | -
    call held on resend                          | -                                       | -                                       | -                                    | -
    call inline                                  | -                                       | -                                       | -                                    | -
    call inline, paused                          | -                                       | -                                       | -                                    | -
    call queued                                  | -                                       | -                                       | -                                    | -
    call claimed                                 | -                                       | -                                       | -                                    | -
    call retrying                                | -                                       | -                                       | -                                    | -
    call reading back                            | -                                       | -                                       | -                                    | -
    call reading back, it is over                | -                                       | -                                       | -                                    | -
    call retrying to read back                   | -                                       | -                                       | -                                    | -
    calls held, out and settled                  | -                                       | -                                       | -                                    | -
    child asked for                              | callSettled turnEnded modelCallIntended | callSettled turnEnded modelCallIntended | callSettled taskFailed               | -
    child at work                                | callSettled turnEnded modelCallIntended | callSettled turnEnded modelCallIntended | callSettled taskFailed               | -
    child asked how it is                        | callSettled turnEnded modelCallIntended | callSettled turnEnded modelCallIntended | callSettled taskFailed               | -
    a join open                                  | -                                       | -                                       | -                                    | -
    a join open, its deadline ahead              | -                                       | -                                       | -                                    | -
    model inline, a stray may finish             | strayEnded                              | strayEnded                              | strayEnded taskFailed                | -
    model inline, a stray is ended               | strayEnded                              | strayEnded                              | strayEnded taskFailed                | -
    resting, a stray gives back                  | strayEnded modelCallIntended            | strayEnded modelCallIntended            | strayEnded taskFailed                | -
    model held on a join                         | strayEnded                              | strayEnded                              | strayEnded approvalClosed taskFailed | -
    failed, a stray is ended                     | strayEnded                              | strayEnded                              | strayEnded                           | -
    queued, to ask for an allowance              | -                                       | -                                       | -                                    | -
    queued, without a place                      | -                                       | -                                       | -                                    | -
    model inline, under budgets                  | -                                       | -                                       | -                                    | -
    model unfunded                               | -                                       | -                                       | -                                    | -
    model unfunded, paused                       | -                                       | -                                       | -                                    | -
    model unfunded, what it held given back      | -                                       | -                                       | -                                    | -
    model held on funds                          | -                                       | -                                       | -                                    | -
    call held on itself, an allowance given back | -                                       | -                                       | -                                    | -
    completed, an allowance given back           | -                                       | -                                       | -                                    | -
    model held on a hand-off                     | -                                       | -                                       | -                                    | -
    model escalated                              | -                                       | -                                       | -                                    | -
    resting, stuck and paused                    | -                                       | -                                       | -                                    | -
    model held on a budget, on the ladder        | -                                       | -                                       | -                                    | -
    model submitted                              | -                                       | -                                       | -                                    | -
    model submitted, paused                      | -                                       | -                                       | -                                    | -
    model submitted, under budgets               | -                                       | -                                       | -                                    | -
    model retrying, a response to drop           | -                                       | -                                       | -                                    | -
    canceled, a response to drop                 | -                                       | -                                       | -                                    | -
    completed                                    | -                                       | -                                       | -                                    | -
    failed, thinking                             | -                                       | -                                       | -                                    | -
    failed, declined                             | -                                       | -                                       | -                                    | -
    failed, calls settled                        | -                                       | -                                       | -                                    | -
    failed, a call out                           | -                                       | -                                       | -                                    | -
    failed, a child at work                      | callSettled                             | callSettled                             | callSettled                          | -
    a child, completed                           | -                                       | -                                       | -                                    | -
    a child, failed                              | -                                       | -                                       | -                                    | -
    a child, its parent told                     | -                                       | -                                       | -                                    | -
    canceled                                     | -                                       | -                                       | -                                    | -
    canceled, a call out                         | -                                       | -                                       | -                                    | -
    canceled, calls settled                      | -                                       | -                                       | -                                    | -
    `,
  parentTold: `
                                                 | once
    queued                                       | -
    queued, paused                               | -
    queued, a turn open                          | -
    queued, a call claimed                       | -
    queued, a call retrying                      | -
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
    a child, completed                           | parentTold
    a child, failed                              | parentTold
    a child, its parent told                     | -
    canceled                                     | -
    canceled, a call out                         | -
    canceled, calls settled                      | -
    `,
} as const;

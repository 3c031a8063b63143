/** What a task makes of time and of being resumed, wherever it is. */
export const TIMING = {
  timerFired: `
                                                 | early | due
    queued                                       | -     | -
    queued, paused                               | -     | -
    queued, a turn open                          | -     | limitReached taskFailed
    queued, a call claimed                       | -     | limitReached taskFailed
    queued, a call retrying                      | -     | limitReached taskFailed
    resting, paused                              | -     | limitReached taskFailed
    model inline                                 | -     | limitReached taskFailed
    model inline, another well                   | -     | limitReached taskFailed
    model inline, paused                         | -     | limitReached taskFailed
    model queued                                 | -     | modelCallResent
    model claimed                                | -     | modelCallFailed
    model retrying                               | -     | modelCallIntended
    model held                                   | -     | approvalClosed limitReached taskFailed
    model held, answered while paused            | -     | -
    model retrying, paused                       | -     | limitReached taskFailed
    call ready                                   | -     | limitReached taskFailed
    call proposed, the key not read lately       | -     | limitReached taskFailed
    call held on itself                          | -     | approvalClosed callSettled turnEnded modelCallIntended
    call held on budget                          | -     | approvalClosed limitReached taskFailed
    call held on resend                          | -     | approvalClosed callSettled turnEnded modelCallIntended
    call inline                                  | -     | limitReached taskFailed
    call inline, paused                          | -     | limitReached taskFailed
    call queued                                  | -     | callResent
    call claimed                                 | -     | readBackIntended
    call retrying                                | -     | callReadied
    call reading back                            | -     | limitReached taskFailed
    call reading back, it is over                | -     | limitReached taskFailed
    call retrying to read back                   | -     | readBackIntended
    calls held, out and settled                  | -     | approvalClosed callSettled
    child asked for                              | -     | callResent
    child at work                                | -     | readBackIntended
    child asked how it is                        | -     | limitReached taskFailed
    a join open                                  | -     | readBackIntended
    a join open, its deadline ahead              | -     | joinClosed callSettled callSettled callSettled turnEnded modelCallIntended
    model inline, a stray may finish             | -     | limitReached taskFailed
    model inline, a stray is ended               | -     | limitReached taskFailed
    resting, a stray gives back                  | -     | limitReached taskFailed
    model held on a join                         | -     | approvalClosed taskFailed
    failed, a stray is ended                     | -     | -
    queued, to ask for an allowance              | -     | -
    queued, without a place                      | -     | -
    model inline, under budgets                  | -     | limitReached taskFailed allowanceReturned
    model unfunded                               | -     | limitReached taskFailed allowanceReturned
    model unfunded, paused                       | -     | limitReached taskFailed
    model unfunded, what it held given back      | -     | limitReached taskFailed
    model held on funds                          | -     | approvalClosed taskFailed allowanceReturned
    call held on itself, an allowance given back | -     | approvalClosed callSettled turnEnded modelCallUnfunded
    completed, an allowance given back           | -     | -
    model held on a hand-off                     | -     | approvalClosed stepFailed stepEscalated approvalOpened modelCallHeld
    model escalated                              | -     | limitReached taskFailed
    resting, stuck and paused                    | -     | limitReached taskFailed
    model held on a budget, on the ladder        | -     | approvalClosed approvalOpened modelCallHeld
    model submitted                              | -     | modelCallFailed
    model submitted, paused                      | -     | modelCallFailed
    model submitted, under budgets               | -     | modelCallFailed
    model retrying, a response to drop           | -     | modelCallIntended
    canceled, a response to drop                 | -     | -
    completed                                    | -     | -
    failed, thinking                             | -     | -
    failed, declined                             | -     | -
    failed, calls settled                        | -     | -
    failed, a call out                           | -     | -
    failed, a child at work                      | -     | -
    a child, completed                           | -     | -
    a child, failed                              | -     | -
    a child, its parent told                     | -     | -
    canceled                                     | -     | -
    canceled, a call out                         | -     | -
    canceled, calls settled                      | -     | -
    `,
  resume: `
                                                 | plain                                                   | from seq 2                 | from beyond                | more turns                 | too many turns
    queued                                       | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    queued, paused                               | taskUnpaused                                            | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    queued, a turn open                          | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    queued, a call claimed                       | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    queued, a call retrying                      | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    resting, paused                              | taskUnpaused modelCallIntended                          | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model inline                                 | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model inline, another well                   | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model inline, paused                         | taskUnpaused                                            | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model queued                                 | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model claimed                                | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model retrying                               | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model held                                   | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model held, answered while paused            | taskUnpaused                                            | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model retrying, paused                       | taskUnpaused                                            | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    call ready                                   | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    call proposed, the key not read lately       | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    call held on itself                          | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    call held on budget                          | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    call held on resend                          | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    call inline                                  | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    call inline, paused                          | taskUnpaused                                            | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    call queued                                  | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    call claimed                                 | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    call retrying                                | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    call reading back                            | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    call reading back, it is over                | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    call retrying to read back                   | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    calls held, out and settled                  | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    child asked for                              | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    child at work                                | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    child asked how it is                        | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    a join open                                  | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    a join open, its deadline ahead              | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model inline, a stray may finish             | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model inline, a stray is ended               | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    resting, a stray gives back                  | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model held on a join                         | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    failed, a stray is ended                     | taskResumed                                             | taskResumed                | refused invalid_input      | limitExtended taskResumed  | refused limit_exceeded
    queued, to ask for an allowance              | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    queued, without a place                      | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model inline, under budgets                  | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model unfunded                               | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model unfunded, paused                       | taskUnpaused                                            | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model unfunded, what it held given back      | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model held on funds                          | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    call held on itself, an allowance given back | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    completed, an allowance given back           | refused task_ended                                      | refused task_ended         | refused task_ended         | refused task_ended         | refused task_ended
    model held on a hand-off                     | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model escalated                              | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    resting, stuck and paused                    | taskUnpaused stepEscalated approvalOpened modelCallHeld | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model held on a budget, on the ladder        | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model submitted                              | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model submitted, paused                      | taskUnpaused                                            | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model submitted, under budgets               | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    model retrying, a response to drop           | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    canceled, a response to drop                 | refused task_ended                                      | refused task_ended         | refused task_ended         | refused task_ended         | refused task_ended
    completed                                    | refused task_ended                                      | refused task_ended         | refused task_ended         | refused task_ended         | refused task_ended
    failed, thinking                             | taskResumed                                             | taskResumed                | refused invalid_input      | limitExtended taskResumed  | refused limit_exceeded
    failed, declined                             | taskResumed                                             | taskResumed                | refused invalid_input      | limitExtended taskResumed  | refused limit_exceeded
    failed, calls settled                        | taskResumed                                             | taskResumed                | refused invalid_input      | limitExtended taskResumed  | refused limit_exceeded
    failed, a call out                           | taskResumed                                             | refused task_not_resumable | refused invalid_input      | limitExtended taskResumed  | refused limit_exceeded
    failed, a child at work                      | taskResumed                                             | refused task_not_resumable | refused invalid_input      | limitExtended taskResumed  | refused limit_exceeded
    a child, completed                           | refused task_ended                                      | refused task_ended         | refused task_ended         | refused task_ended         | refused task_ended
    a child, failed                              | refused task_not_resumable                              | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable | refused task_not_resumable
    a child, its parent told                     | refused task_ended                                      | refused task_ended         | refused task_ended         | refused task_ended         | refused task_ended
    canceled                                     | refused task_ended                                      | refused task_ended         | refused task_ended         | refused task_ended         | refused task_ended
    canceled, a call out                         | refused task_ended                                      | refused task_ended         | refused task_ended         | refused task_ended         | refused task_ended
    canceled, calls settled                      | refused task_ended                                      | refused task_ended         | refused task_ended         | refused task_ended         | refused task_ended
    `,
} as const;

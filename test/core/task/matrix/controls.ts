/** What its owner makes of a task. */
export const CONTROLS = {
  pause: `
                                                 | once
    queued                                       | taskPaused
    queued, paused                               | -
    queued, a turn open                          | taskPaused
    queued, a call claimed                       | taskPaused
    queued, a call retrying                      | taskPaused
    resting, paused                              | -
    model inline                                 | taskPaused
    model inline, another well                   | taskPaused
    model inline, paused                         | -
    model queued                                 | taskPaused
    model claimed                                | taskPaused
    model retrying                               | taskPaused
    model held                                   | taskPaused
    model held, answered while paused            | -
    model retrying, paused                       | -
    call ready                                   | taskPaused
    call proposed, the key not read lately       | taskPaused
    call held on itself                          | taskPaused
    call held on budget                          | taskPaused
    call held on resend                          | taskPaused
    call inline                                  | taskPaused
    call inline, paused                          | -
    call queued                                  | taskPaused
    call claimed                                 | taskPaused
    call retrying                                | taskPaused
    call reading back                            | taskPaused
    call reading back, it is over                | taskPaused
    call retrying to read back                   | taskPaused
    calls held, out and settled                  | taskPaused
    child asked for                              | taskPaused
    child at work                                | taskPaused
    child asked how it is                        | taskPaused
    a join open                                  | taskPaused
    a join open, its deadline ahead              | taskPaused
    model inline, a stray may finish             | taskPaused
    model inline, a stray is ended               | taskPaused
    resting, a stray gives back                  | taskPaused
    model held on a join                         | taskPaused
    failed, a stray is ended                     | refused task_ended
    queued, to ask for an allowance              | taskPaused
    queued, without a place                      | taskPaused
    model inline, under budgets                  | taskPaused
    model unfunded                               | taskPaused allowanceReturned
    model unfunded, paused                       | -
    model unfunded, what it held given back      | taskPaused
    model held on funds                          | taskPaused
    call held on itself, an allowance given back | taskPaused
    completed, an allowance given back           | refused task_ended
    model held on a hand-off                     | taskPaused
    model escalated                              | taskPaused
    resting, stuck and paused                    | -
    model held on a budget, on the ladder        | taskPaused
    model submitted                              | taskPaused
    model submitted, paused                      | -
    model submitted, under budgets               | taskPaused
    model retrying, a response to drop           | taskPaused
    canceled, a response to drop                 | refused task_ended
    completed                                    | refused task_ended
    failed, thinking                             | refused task_ended
    failed, declined                             | refused task_ended
    failed, calls settled                        | refused task_ended
    failed, a call out                           | refused task_ended
    failed, a child at work                      | refused task_ended
    a child, completed                           | refused task_ended
    a child, failed                              | refused task_ended
    a child, its parent told                     | refused task_ended
    canceled                                     | refused task_ended
    canceled, a call out                         | refused task_ended
    canceled, calls settled                      | refused task_ended
    `,
  cancel: `
                                                 | once
    queued                                       | taskCanceled
    queued, paused                               | taskCanceled
    queued, a turn open                          | taskCanceled
    queued, a call claimed                       | taskCanceled
    queued, a call retrying                      | taskCanceled
    resting, paused                              | taskCanceled
    model inline                                 | taskCanceled
    model inline, another well                   | taskCanceled
    model inline, paused                         | taskCanceled
    model queued                                 | taskCanceled
    model claimed                                | taskCanceled
    model retrying                               | taskCanceled
    model held                                   | approvalClosed taskCanceled
    model held, answered while paused            | taskCanceled
    model retrying, paused                       | taskCanceled
    call ready                                   | taskCanceled
    call proposed, the key not read lately       | taskCanceled
    call held on itself                          | approvalClosed taskCanceled
    call held on budget                          | approvalClosed taskCanceled
    call held on resend                          | approvalClosed taskCanceled
    call inline                                  | taskCanceled
    call inline, paused                          | taskCanceled
    call queued                                  | taskCanceled
    call claimed                                 | taskCanceled
    call retrying                                | taskCanceled
    call reading back                            | taskCanceled
    call reading back, it is over                | taskCanceled
    call retrying to read back                   | taskCanceled
    calls held, out and settled                  | approvalClosed taskCanceled
    child asked for                              | taskCanceled
    child at work                                | taskCanceled
    child asked how it is                        | taskCanceled
    a join open                                  | taskCanceled
    a join open, its deadline ahead              | taskCanceled
    model inline, a stray may finish             | taskCanceled
    model inline, a stray is ended               | taskCanceled
    resting, a stray gives back                  | taskCanceled
    model held on a join                         | approvalClosed taskCanceled
    failed, a stray is ended                     | refused task_ended
    queued, to ask for an allowance              | taskCanceled allowanceReturned
    queued, without a place                      | taskCanceled allowanceReturned
    model inline, under budgets                  | taskCanceled allowanceReturned
    model unfunded                               | taskCanceled allowanceReturned
    model unfunded, paused                       | taskCanceled
    model unfunded, what it held given back      | taskCanceled
    model held on funds                          | approvalClosed taskCanceled allowanceReturned
    call held on itself, an allowance given back | approvalClosed taskCanceled
    completed, an allowance given back           | refused task_ended
    model held on a hand-off                     | approvalClosed taskCanceled
    model escalated                              | taskCanceled
    resting, stuck and paused                    | taskCanceled
    model held on a budget, on the ladder        | approvalClosed taskCanceled
    model submitted                              | taskCanceled
    model submitted, paused                      | taskCanceled
    model submitted, under budgets               | taskCanceled allowanceReturned
    model retrying, a response to drop           | taskCanceled
    canceled, a response to drop                 | -
    completed                                    | refused task_ended
    failed, thinking                             | refused task_ended
    failed, declined                             | refused task_ended
    failed, calls settled                        | refused task_ended
    failed, a call out                           | refused task_ended
    failed, a child at work                      | refused task_ended
    a child, completed                           | refused task_ended
    a child, failed                              | refused task_ended
    a child, its parent told                     | refused task_ended
    canceled                                     | -
    canceled, a call out                         | -
    canceled, calls settled                      | -
    `,
} as const;

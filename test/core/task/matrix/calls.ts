/** What a task makes of results, of what was read back, and of claims, wherever it is. */
export const CALLS = {
  callsSettled: `
                                           | done                                                   | done, another attempt                                  | failed                                  | busy               | lost               | failed, other attempt | other call
    queued                                 | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    queued, paused                         | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    queued, a turn open                    | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    queued, a call claimed                 | callSettled                                            | callSettled                                            | callSettled                             | callRetryScheduled | callReadied        | -                     | -
    queued, a call retrying                | callSettled                                            | callSettled                                            | -                                       | -                  | -                  | -                     | -
    resting, paused                        | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    model inline                           | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    model inline, another well             | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    model inline, paused                   | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    model queued                           | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    model claimed                          | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    model retrying                         | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    model held                             | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    model held, answered while paused      | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    model retrying, paused                 | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    call ready                             | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    call proposed, the key not read lately | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    call held on itself                    | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    call held on budget                    | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    call held on resend                    | approvalClosed callSettled turnEnded modelCallIntended | approvalClosed callSettled turnEnded modelCallIntended | -                                       | -                  | -                  | -                     | -
    call inline                            | callSettled turnEnded modelCallIntended                | callSettled turnEnded modelCallIntended                | callSettled turnEnded modelCallIntended | callRetryScheduled | callRetryScheduled | -                     | -
    call inline, paused                    | callSettled turnEnded                                  | callSettled turnEnded                                  | callSettled turnEnded                   | callRetryScheduled | callRetryScheduled | -                     | -
    call queued                            | callSettled turnEnded modelCallIntended                | callSettled turnEnded modelCallIntended                | callSettled turnEnded modelCallIntended | callRetryScheduled | callRetryScheduled | -                     | -
    call claimed                           | callSettled turnEnded modelCallIntended                | callSettled turnEnded modelCallIntended                | callSettled turnEnded modelCallIntended | callRetryScheduled | readBackIntended   | -                     | -
    call retrying                          | callSettled turnEnded modelCallIntended                | callSettled turnEnded modelCallIntended                | -                                       | -                  | -                  | -                     | -
    call reading back                      | callSettled turnEnded modelCallIntended                | callSettled turnEnded modelCallIntended                | -                                       | -                  | -                  | -                     | -
    call reading back, it is over          | callSettled turnEnded modelCallIntended                | callSettled turnEnded modelCallIntended                | -                                       | -                  | -                  | -                     | -
    call retrying to read back             | callSettled turnEnded modelCallIntended                | callSettled turnEnded modelCallIntended                | -                                       | -                  | -                  | -                     | -
    calls held, out and settled            | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    child asked for                        | callSettled turnEnded modelCallIntended                | callSettled turnEnded modelCallIntended                | callSettled turnEnded modelCallIntended | callRetryScheduled | readBackIntended   | -                     | -
    child at work                          | callSettled turnEnded modelCallIntended                | callSettled turnEnded modelCallIntended                | callSettled turnEnded modelCallIntended | callRetryScheduled | readBackIntended   | -                     | -
    child asked how it is                  | callSettled turnEnded modelCallIntended                | callSettled turnEnded modelCallIntended                | -                                       | -                  | -                  | -                     | -
    completed                              | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    failed, thinking                       | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    failed, declined                       | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    failed, calls settled                  | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    failed, a call out                     | callSettled                                            | callSettled                                            | callSettled                             | callSettled        | -                  | -                     | -
    failed, a child at work                | callSettled                                            | callSettled                                            | callSettled                             | callSettled        | -                  | -                     | -
    a child, completed                     | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    a child, failed                        | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    a child, its parent told               | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    canceled                               | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
    canceled, a call out                   | callSettled                                            | callSettled                                            | callSettled                             | callSettled        | -                  | -                     | -
    canceled, calls settled                | -                                                      | -                                                      | -                                       | -                  | -                  | -                     | -
  `,
  readBackEnded: `
                                           | happened                                | absent             | untold             | pending           | other call | other attempt
    queued                                 | -                                       | -                  | -                  | -                 | -          | -
    queued, paused                         | -                                       | -                  | -                  | -                 | -          | -
    queued, a turn open                    | -                                       | -                  | -                  | -                 | -          | -
    queued, a call claimed                 | -                                       | -                  | -                  | -                 | -          | -
    queued, a call retrying                | -                                       | -                  | -                  | -                 | -          | -
    resting, paused                        | -                                       | -                  | -                  | -                 | -          | -
    model inline                           | -                                       | -                  | -                  | -                 | -          | -
    model inline, another well             | -                                       | -                  | -                  | -                 | -          | -
    model inline, paused                   | -                                       | -                  | -                  | -                 | -          | -
    model queued                           | -                                       | -                  | -                  | -                 | -          | -
    model claimed                          | -                                       | -                  | -                  | -                 | -          | -
    model retrying                         | -                                       | -                  | -                  | -                 | -          | -
    model held                             | -                                       | -                  | -                  | -                 | -          | -
    model held, answered while paused      | -                                       | -                  | -                  | -                 | -          | -
    model retrying, paused                 | -                                       | -                  | -                  | -                 | -          | -
    call ready                             | -                                       | -                  | -                  | -                 | -          | -
    call proposed, the key not read lately | -                                       | -                  | -                  | -                 | -          | -
    call held on itself                    | -                                       | -                  | -                  | -                 | -          | -
    call held on budget                    | -                                       | -                  | -                  | -                 | -          | -
    call held on resend                    | -                                       | -                  | -                  | -                 | -          | -
    call inline                            | -                                       | -                  | -                  | -                 | -          | -
    call inline, paused                    | -                                       | -                  | -                  | -                 | -          | -
    call queued                            | -                                       | -                  | -                  | -                 | -          | -
    call claimed                           | -                                       | -                  | -                  | -                 | -          | -
    call retrying                          | -                                       | -                  | -                  | -                 | -          | -
    call reading back                      | callSettled turnEnded modelCallIntended | readBackPostponed  | callRetryScheduled | readBackPostponed | -          | -
    call reading back, it is over          | callSettled turnEnded modelCallIntended | callRetryScheduled | callRetryScheduled | readBackPostponed | -          | -
    call retrying to read back             | -                                       | -                  | -                  | -                 | -          | -
    calls held, out and settled            | -                                       | -                  | -                  | -                 | -          | -
    child asked for                        | -                                       | -                  | -                  | -                 | -          | -
    child at work                          | -                                       | -                  | -                  | -                 | -          | -
    child asked how it is                  | callSettled turnEnded modelCallIntended | callRetryScheduled | callRetryScheduled | readBackPostponed | -          | -
    completed                              | -                                       | -                  | -                  | -                 | -          | -
    failed, thinking                       | -                                       | -                  | -                  | -                 | -          | -
    failed, declined                       | -                                       | -                  | -                  | -                 | -          | -
    failed, calls settled                  | -                                       | -                  | -                  | -                 | -          | -
    failed, a call out                     | -                                       | -                  | -                  | -                 | -          | -
    failed, a child at work                | -                                       | -                  | -                  | -                 | -          | -
    a child, completed                     | -                                       | -                  | -                  | -                 | -          | -
    a child, failed                        | -                                       | -                  | -                  | -                 | -          | -
    a child, its parent told               | -                                       | -                  | -                  | -                 | -          | -
    canceled                               | -                                       | -                  | -                  | -                 | -          | -
    canceled, a call out                   | -                                       | -                  | -                  | -                 | -          | -
    canceled, calls settled                | -                                       | -                  | -                  | -                 | -          | -
  `,
  claim: `
                                           | fitting                | other call | other attempt | revoked                                                   | rights not read
    queued                                 | -                      | -          | -             | rightsChanged                                             | -
    queued, paused                         | -                      | -          | -             | rightsChanged                                             | -
    queued, a turn open                    | -                      | -          | -             | rightsChanged                                             | -
    queued, a call claimed                 | -                      | -          | -             | rightsChanged                                             | -
    queued, a call retrying                | -                      | -          | -             | rightsChanged                                             | -
    resting, paused                        | -                      | -          | -             | rightsChanged                                             | -
    model inline                           | -                      | -          | -             | rightsChanged                                             | -
    model inline, another well             | -                      | -          | -             | rightsChanged                                             | -
    model inline, paused                   | -                      | -          | -             | rightsChanged                                             | -
    model queued                           | modelCallClaimed       | -          | -             | rightsChanged modelCallFailed taskFailed                  | modelCallClaimed
    model claimed                          | -                      | -          | -             | rightsChanged                                             | -
    model retrying                         | -                      | -          | -             | rightsChanged                                             | -
    model held                             | -                      | -          | -             | rightsChanged                                             | -
    model held, answered while paused      | -                      | -          | -             | rightsChanged                                             | -
    model retrying, paused                 | -                      | -          | -             | rightsChanged                                             | -
    call ready                             | -                      | -          | -             | rightsChanged                                             | -
    call proposed, the key not read lately | -                      | -          | -             | rightsChanged                                             | -
    call held on itself                    | -                      | -          | -             | rightsChanged                                             | -
    call held on budget                    | -                      | -          | -             | rightsChanged                                             | -
    call held on resend                    | -                      | -          | -             | rightsChanged                                             | -
    call inline                            | -                      | -          | -             | rightsChanged                                             | -
    call inline, paused                    | -                      | -          | -             | rightsChanged                                             | -
    call queued                            | callJudged callClaimed | -          | -             | rightsChanged callJudged callSettled turnEnded taskFailed | -
    call claimed                           | -                      | -          | -             | rightsChanged                                             | -
    call retrying                          | -                      | -          | -             | rightsChanged                                             | -
    call reading back                      | -                      | -          | -             | rightsChanged                                             | -
    call reading back, it is over          | -                      | -          | -             | rightsChanged                                             | -
    call retrying to read back             | -                      | -          | -             | rightsChanged                                             | -
    calls held, out and settled            | -                      | -          | -             | rightsChanged                                             | -
    child asked for                        | callJudged callClaimed | -          | -             | rightsChanged callJudged callSettled turnEnded taskFailed | -
    child at work                          | -                      | -          | -             | rightsChanged                                             | -
    child asked how it is                  | -                      | -          | -             | rightsChanged                                             | -
    completed                              | -                      | -          | -             | -                                                         | -
    failed, thinking                       | -                      | -          | -             | -                                                         | -
    failed, declined                       | -                      | -          | -             | -                                                         | -
    failed, calls settled                  | -                      | -          | -             | -                                                         | -
    failed, a call out                     | -                      | -          | -             | -                                                         | -
    failed, a child at work                | -                      | -          | -             | -                                                         | -
    a child, completed                     | -                      | -          | -             | -                                                         | -
    a child, failed                        | -                      | -          | -             | -                                                         | -
    a child, its parent told               | -                      | -          | -             | -                                                         | -
    canceled                               | -                      | -          | -             | -                                                         | -
    canceled, a call out                   | -                      | -          | -             | -                                                         | -
    canceled, calls settled                | -                      | -          | -             | -                                                         | -
  `,
} as const;

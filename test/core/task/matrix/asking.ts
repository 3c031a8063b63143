/** What a task makes of rights and of answers, wherever it is. */
export const ASKING = {
  rightsRead: `
                                           | as before               | revoked                                                   | no approver
    queued                                 | -                       | -                                                         | -
    queued, paused                         | -                       | -                                                         | -
    queued, a turn open                    | -                       | -                                                         | -
    queued, a call claimed                 | -                       | -                                                         | -
    queued, a call retrying                | -                       | -                                                         | -
    resting, paused                        | -                       | -                                                         | -
    model inline                           | -                       | -                                                         | -
    model inline, another well             | -                       | -                                                         | -
    model inline, paused                   | -                       | -                                                         | -
    model queued                           | -                       | -                                                         | -
    model claimed                          | -                       | -                                                         | -
    model retrying                         | -                       | -                                                         | -
    model held                             | -                       | -                                                         | -
    model held, answered while paused      | -                       | -                                                         | -
    model retrying, paused                 | -                       | -                                                         | -
    call ready                             | callJudged callIntended | rightsChanged callJudged callSettled turnEnded taskFailed | callJudged approvalOpened callHeld
    call proposed, the key not read lately | callJudged callIntended | rightsChanged callJudged callSettled turnEnded taskFailed | callJudged callIntended
    call held on itself                    | -                       | rightsChanged                                             | -
    call held on budget                    | -                       | rightsChanged                                             | -
    call held on resend                    | -                       | rightsChanged                                             | -
    call inline                            | -                       | rightsChanged                                             | -
    call inline, paused                    | -                       | rightsChanged                                             | -
    call queued                            | -                       | rightsChanged                                             | -
    call claimed                           | -                       | rightsChanged                                             | -
    call retrying                          | -                       | rightsChanged                                             | -
    call reading back                      | -                       | rightsChanged                                             | -
    call reading back, it is over          | -                       | rightsChanged                                             | -
    call retrying to read back             | -                       | rightsChanged                                             | -
    calls held, out and settled            | -                       | rightsChanged                                             | -
    child asked for                        | -                       | rightsChanged                                             | -
    child at work                          | -                       | rightsChanged                                             | -
    child asked how it is                  | -                       | rightsChanged                                             | -
    a join open                            | -                       | rightsChanged                                             | -
    a join open, its deadline ahead        | -                       | rightsChanged                                             | -
    model inline, a stray may finish       | -                       | -                                                         | -
    model inline, a stray is ended         | -                       | -                                                         | -
    resting, a stray gives back            | -                       | -                                                         | -
    model held on a join                   | -                       | -                                                         | -
    failed, a stray is ended               | -                       | -                                                         | -
    completed                              | -                       | -                                                         | -
    failed, thinking                       | -                       | -                                                         | -
    failed, declined                       | -                       | -                                                         | -
    failed, calls settled                  | -                       | -                                                         | -
    failed, a call out                     | -                       | -                                                         | -
    failed, a child at work                | -                       | -                                                         | -
    a child, completed                     | -                       | -                                                         | -
    a child, failed                        | -                       | -                                                         | -
    a child, its parent told               | -                       | -                                                         | -
    canceled                               | -                       | -                                                         | -
    canceled, a call out                   | -                       | -                                                         | -
    canceled, calls settled                | -                       | -                                                         | -
    `,
  approvalAnswered: `
                                           | approve                                          | deny                                                     | other approval    | other person      | not entitled      | by link                                          | too late
    queued                                 | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    queued, paused                         | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    queued, a turn open                    | refused approval_closed                          | refused approval_closed                                  | refused not_found | refused forbidden | refused forbidden | refused assurance_too_low                        | refused approval_closed
    queued, a call claimed                 | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    queued, a call retrying                | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    resting, paused                        | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    model inline                           | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    model inline, another well             | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    model inline, paused                   | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    model queued                           | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    model claimed                          | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    model retrying                         | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    model held                             | approvalAnswered limitExtended modelCallIntended | approvalAnswered limitReached taskFailed                 | refused not_found | refused forbidden | refused forbidden | approvalAnswered limitExtended modelCallIntended | refused approval_expired
    model held, answered while paused      | refused approval_closed                          | refused approval_closed                                  | refused not_found | refused forbidden | refused forbidden | refused approval_closed                          | refused approval_closed
    model retrying, paused                 | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    call ready                             | refused approval_closed                          | refused approval_closed                                  | refused not_found | refused forbidden | refused forbidden | refused assurance_too_low                        | refused approval_closed
    call proposed, the key not read lately | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    call held on itself                    | approvalAnswered callReadied                     | approvalAnswered callSettled turnEnded modelCallIntended | refused not_found | refused forbidden | refused forbidden | refused assurance_too_low                        | refused approval_expired
    call held on budget                    | approvalAnswered limitExtended callReadied       | approvalAnswered limitReached taskFailed                 | refused not_found | refused forbidden | refused forbidden | approvalAnswered limitExtended callReadied       | refused approval_expired
    call held on resend                    | approvalAnswered callReadied                     | approvalAnswered callSettled turnEnded modelCallIntended | refused not_found | refused forbidden | refused forbidden | approvalAnswered callReadied                     | refused approval_expired
    call inline                            | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    call inline, paused                    | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    call queued                            | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    call claimed                           | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    call retrying                          | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    call reading back                      | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    call reading back, it is over          | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    call retrying to read back             | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    calls held, out and settled            | approvalAnswered callReadied                     | approvalAnswered callSettled                             | refused not_found | refused forbidden | refused forbidden | refused assurance_too_low                        | refused approval_expired
    child asked for                        | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    child at work                          | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    child asked how it is                  | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    a join open                            | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    a join open, its deadline ahead        | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    model inline, a stray may finish       | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    model inline, a stray is ended         | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    resting, a stray gives back            | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    model held on a join                   | approvalAnswered modelCallIntended               | approvalAnswered taskFailed                              | refused not_found | refused forbidden | refused forbidden | approvalAnswered modelCallIntended               | refused approval_expired
    failed, a stray is ended               | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    completed                              | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    failed, thinking                       | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    failed, declined                       | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    failed, calls settled                  | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    failed, a call out                     | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    failed, a child at work                | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    a child, completed                     | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    a child, failed                        | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    a child, its parent told               | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    canceled                               | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    canceled, a call out                   | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    canceled, calls settled                | refused not_found                                | refused not_found                                        | refused not_found | refused not_found | refused not_found | refused not_found                                | refused not_found
    `,
} as const;

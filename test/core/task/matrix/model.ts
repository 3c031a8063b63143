/** What a task makes of its model, wherever it is. */
export const MODEL = {
  outputStreamed: `
                                           | fitting        | other call | other attempt
    queued                                 | -              | -          | -
    queued, paused                         | -              | -          | -
    queued, a turn open                    | -              | -          | -
    queued, a call claimed                 | -              | -          | -
    queued, a call retrying                | -              | -          | -
    resting, paused                        | -              | -          | -
    model inline                           | outputStreamed | -          | -
    model inline, another well             | outputStreamed | -          | -
    model inline, paused                   | outputStreamed | -          | -
    model queued                           | outputStreamed | -          | -
    model claimed                          | outputStreamed | -          | -
    model retrying                         | -              | -          | -
    model held                             | -              | -          | -
    model held, answered while paused      | -              | -          | -
    model retrying, paused                 | -              | -          | -
    call ready                             | -              | -          | -
    call proposed, the key not read lately | -              | -          | -
    call held on itself                    | -              | -          | -
    call held on budget                    | -              | -          | -
    call held on resend                    | -              | -          | -
    call inline                            | -              | -          | -
    call inline, paused                    | -              | -          | -
    call queued                            | -              | -          | -
    call claimed                           | -              | -          | -
    call retrying                          | -              | -          | -
    call reading back                      | -              | -          | -
    call reading back, it is over          | -              | -          | -
    call retrying to read back             | -              | -          | -
    calls held, out and settled            | -              | -          | -
    child asked for                        | -              | -          | -
    child at work                          | -              | -          | -
    child asked how it is                  | -              | -          | -
    completed                              | -              | -          | -
    failed, thinking                       | -              | -          | -
    failed, declined                       | -              | -          | -
    failed, calls settled                  | -              | -          | -
    failed, a call out                     | -              | -          | -
    failed, a child at work                | -              | -          | -
    a child, completed                     | -              | -          | -
    a child, failed                        | -              | -          | -
    a child, its parent told               | -              | -          | -
    canceled                               | -              | -          | -
    canceled, a call out                   | -              | -          | -
    canceled, calls settled                | -              | -          | -
  `,
  modelReplied: `
                                           | ends                       | proposes                                          | declines                | overloaded      | unauthorized               | proposes, the key revoked                                                           | other call | other attempt
    queued                                 | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    queued, paused                         | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    queued, a turn open                    | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    queued, a call claimed                 | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    queued, a call retrying                | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    resting, paused                        | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    model inline                           | modelReplied taskCompleted | modelReplied callProposed callJudged callIntended | modelReplied taskFailed | modelCallFailed | modelCallFailed taskFailed | rightsChanged modelReplied callProposed callJudged callSettled turnEnded taskFailed | -          | -
    model inline, another well             | modelReplied taskCompleted | modelReplied callProposed callJudged callIntended | modelReplied taskFailed | modelCallFailed modelCallIntended | modelCallFailed modelCallIntended | rightsChanged modelReplied callProposed callJudged callSettled turnEnded taskFailed | -          | -
    model inline, paused                   | modelReplied taskCompleted | modelReplied callProposed callJudged callIntended | modelReplied taskFailed | modelCallFailed | modelCallFailed taskFailed | rightsChanged modelReplied callProposed callJudged callSettled turnEnded            | -          | -
    model queued                           | modelReplied taskCompleted | modelReplied callProposed callJudged callIntended | modelReplied taskFailed | modelCallFailed | modelCallFailed taskFailed | rightsChanged modelReplied callProposed callJudged callSettled turnEnded taskFailed | -          | -
    model claimed                          | modelReplied taskCompleted | modelReplied callProposed callJudged callIntended | modelReplied taskFailed | modelCallFailed | modelCallFailed taskFailed | rightsChanged modelReplied callProposed callJudged callSettled turnEnded taskFailed | -          | -
    model retrying                         | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    model held                             | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    model held, answered while paused      | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    model retrying, paused                 | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    call ready                             | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    call proposed, the key not read lately | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    call held on itself                    | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    call held on budget                    | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    call held on resend                    | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    call inline                            | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    call inline, paused                    | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    call queued                            | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    call claimed                           | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    call retrying                          | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    call reading back                      | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    call reading back, it is over          | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    call retrying to read back             | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    calls held, out and settled            | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    child asked for                        | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    child at work                          | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    child asked how it is                  | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    completed                              | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    failed, thinking                       | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    failed, declined                       | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    failed, calls settled                  | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    failed, a call out                     | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    failed, a child at work                | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    a child, completed                     | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    a child, failed                        | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    a child, its parent told               | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    canceled                               | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    canceled, a call out                   | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
    canceled, calls settled                | -                          | -                                                 | -                       | -               | -                          | -                                                                                   | -          | -
  `,
} as const;

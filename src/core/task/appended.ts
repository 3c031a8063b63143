import type { Message } from "../../contracts/message.ts";
import { messageBytes } from "../conversation.ts";
import type { TaskState } from "./state.ts";

/** The conversation with one more message; its bytes are kept up with it, since every reservation needs them. */
export function appended(state: TaskState, message: Message): TaskState {
  return {
    ...state,
    messages: [...state.messages, message],
    messageBytes: state.messageBytes + messageBytes(message),
  };
}

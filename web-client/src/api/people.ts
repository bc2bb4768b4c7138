// The clients of the services for people: messages and notices.
//
// What it is not: a part of the first page, as its stubs are large. Only parts that load later import it.
import { createClient } from "@connectrpc/connect";
import { ChatService } from "../gen/gridloom/v1/chat_pb.ts";
import { NoticeService } from "../gen/gridloom/v1/notices_pb.ts";
import { transport } from "./transport.ts";

export const chat = createClient(ChatService, transport);
export const notices = createClient(NoticeService, transport);

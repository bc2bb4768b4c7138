// The client of the service for transfers.
//
// What it is not: a part of the first page. Only parts that load later import it.
import { createClient } from "@connectrpc/connect";
import { TransferService } from "../gen/gridloom/v1/transfers_pb.ts";
import { transport } from "./transport.ts";

export const transfers = createClient(TransferService, transport);

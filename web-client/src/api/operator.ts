// The client of the service for the operator.
//
// What it is not: a part of the first page. Only parts that load later import it.
import { createClient } from "@connectrpc/connect";
import { OperatorService } from "../gen/gridloom/v1/operator_pb.ts";
import { transport } from "./transport.ts";

export const operator = createClient(OperatorService, transport);

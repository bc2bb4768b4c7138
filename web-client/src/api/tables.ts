// The client of the service for tables of files.
//
// What it is not: a part of the first page. Only parts that load later import it.
import { createClient } from "@connectrpc/connect";
import { TableService } from "../gen/gridloom/v1/tables_pb.ts";
import { transport } from "./transport.ts";

export const tables = createClient(TableService, transport);

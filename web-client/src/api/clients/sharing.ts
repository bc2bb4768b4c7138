// The client of the service for sharing sheets.
//
// What it is not: a part of the first page. Only parts that load later import it.
import { createClient } from "@connectrpc/connect";
import { SharingService } from "../../gen/gridloom/v1/sharing_pb.ts";
import { transport } from "../transport.ts";

export const sharing = createClient(SharingService, transport);

// The client of the service for derivations.
//
// What it is not: a part of the first page. Only parts that load later import it.
import { createClient } from "@connectrpc/connect";
import { DerivationService } from "../../gen/gridloom/v1/derivations_pb.ts";
import { transport } from "../transport.ts";

export const derivations = createClient(DerivationService, transport);

// The client of the service for jobs.
//
// What it is not: a part of the first page. Only parts that load later import it.
import { createClient } from "@connectrpc/connect";
import { JobService } from "../gen/gridloom/v1/jobs_pb.ts";
import { transport } from "./transport.ts";

export const jobs = createClient(JobService, transport);

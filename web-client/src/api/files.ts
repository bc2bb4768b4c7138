// The client of the service for files.
//
// What it is not: a part of the first page, as its stub is large. Only parts that load later import it.
import { type Client, createClient } from "@connectrpc/connect";
import { FileService } from "../gen/gridloom/v1/files_pb.ts";
import { transport } from "./transport.ts";

export type FileClient = Client<typeof FileService>;

export const files: FileClient = createClient(FileService, transport);

// The one connection to the server: grpc-web on the page's own origin, with the session's token.
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { AccountService } from "../gen/gridloom/v1/accounts_pb.ts";
import { LiveService } from "../gen/gridloom/v1/live_pb.ts";
import { SheetService } from "../gen/gridloom/v1/sheets_pb.ts";
import { endSession, session } from "./session.ts";

/** A token that the server no longer takes ends the session; the sign-in page follows from that. */
const authorize: Interceptor = (next) => async (request) => {
  const token = session.get()?.token;
  if (token !== undefined) request.header.set("authorization", `Bearer ${token}`);
  try {
    return await next(request);
  } catch (error) {
    const refused = error instanceof ConnectError && error.code === Code.Unauthenticated;
    if (refused && token !== undefined && session.get()?.token === token) endSession();
    throw error;
  }
};

const transport = createGrpcWebTransport({
  baseUrl: location.origin,
  interceptors: [authorize],
});

export const accounts = createClient(AccountService, transport);
export const sheets = createClient(SheetService, transport);
export const live = createClient(LiveService, transport);

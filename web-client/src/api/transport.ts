// The one connection to the server: grpc-web on the page's own origin, with the session's token.
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { AccountService } from "../gen/gridloom/v1/accounts_pb.ts";
import { LiveService } from "../gen/gridloom/v1/live_pb.ts";
import { SheetService } from "../gen/gridloom/v1/sheets_pb.ts";
import { session, tokenRefused } from "./session.ts";

/** Calls that make a session: they need none, and a wrong password says nothing of the token. */
const OPEN = new Set<string>([
  AccountService.method.signIn.name,
  AccountService.method.signUp.name,
]);

function noteRefusal(error: unknown, token: string): void {
  if (error instanceof ConnectError && error.code === Code.Unauthenticated) tokenRefused(token);
}

async function* watched<T>(messages: AsyncIterable<T>, token: string): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (error) {
    noteRefusal(error, token);
    throw error;
  }
}

/** Shows the token; one that the server no longer takes leads to signing in again. */
const authorize: Interceptor = (next) => async (request) => {
  const token = session.get()?.token;
  if (token === undefined || OPEN.has(request.method.name)) return await next(request);
  request.header.set("authorization", `Bearer ${token}`);
  try {
    const response = await next(request);
    if (!response.stream) return response;
    return { ...response, message: watched(response.message, token) };
  } catch (error) {
    noteRefusal(error, token);
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

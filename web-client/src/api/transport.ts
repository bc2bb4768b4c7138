// The clients of the server's services: grpc-web on the page's own origin, with the session's token.
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { AccountService } from "../gen/gridloom/v1/accounts_pb.ts";
import { LiveService } from "../gen/gridloom/v1/live_pb.ts";
import { SharingService } from "../gen/gridloom/v1/sharing_pb.ts";
import { SheetService } from "../gen/gridloom/v1/sheets_pb.ts";
import { withDeadline } from "./deadline.ts";
import { session, tokenRefused } from "./session.ts";

/** Calls without a token: an error of one does not mean that the token of the page is invalid. */
const OPEN = new Set<string>([
  AccountService.method.signIn.name,
  AccountService.method.signUp.name,
  AccountService.method.requestPasswordReset.name,
  AccountService.method.resetPassword.name,
  AccountService.method.confirmEmail.name,
  AccountService.method.getServerSettings.name,
  SharingService.method.enterAsGuest.name,
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

/** Adds the token to each call without one of its own; a refused token leads to the dialog to sign in again. */
const authorize: Interceptor = (next) => async (request) => {
  const token = session.get()?.token;
  const own = request.header.has("authorization");
  if (token === undefined || own || OPEN.has(request.method.name)) return await next(request);
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

/** The connection of all unary calls; queries take it from the context of React. */
export const transport = withDeadline(
  createGrpcWebTransport({ baseUrl: location.origin, interceptors: [authorize] }),
);

export const accounts = createClient(AccountService, transport);
export const sheets = createClient(SheetService, transport);
export const live = createClient(LiveService, transport);

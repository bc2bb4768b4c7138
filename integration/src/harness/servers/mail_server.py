"""A mail server for tests: aiosmtpd, with what it takes and refuses given by arguments.

Prints its port, then one JSON object for each letter that it takes. Every line is flushed.
  --cert FILE --key FILE     TLS from the first byte
  --login USER PASSWORD      refuses letters without this login
  --busy COUNT               answers the first letters with 451
  --refuse TEXT              answers each recipient with this line, such as "550 no such mailbox: {address}"
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl

from aiosmtpd.smtp import SMTP, AuthResult

parser = argparse.ArgumentParser()
parser.add_argument("--cert")
parser.add_argument("--key")
parser.add_argument("--login", nargs=2)
parser.add_argument("--busy", type=int, default=0)
parser.add_argument("--refuse")
arguments = parser.parse_args()


class Handler:
    def __init__(self):
        self.busy = arguments.busy

    async def handle_RCPT(self, server, session, envelope, address, options):
        if arguments.refuse:
            return arguments.refuse.format(address=address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.busy > 0:
            self.busy -= 1
            return "451 come back later"
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        seen = {
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "subject": letter["subject"],
            "message_id": letter["message-id"],
            "text": letter.get_content(),
            "encrypted": server.transport.get_extra_info("ssl_object") is not None,
        }
        print(json.dumps(seen), flush=True)
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    given = [data.login.decode(), data.password.decode()]
    return AuthResult(success=given == arguments.login)


async def serve():
    handler = Handler()
    context = None
    if arguments.cert:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(arguments.cert, arguments.key)

    def protocol():
        login = arguments.login
        return SMTP(
            handler,
            hostname="mail.test",
            authenticator=authenticate if login else None,
            auth_required=bool(login),
            auth_require_tls=False,
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(serve())

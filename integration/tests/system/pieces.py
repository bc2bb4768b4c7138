"""Joins the pieces of large frames by the recipe in live.proto, which it runs unchanged.

Usage: pieces.py ADDRESS TOKEN SHEET EPOCH REVISION LIVE_PROTO. Resumes at the revision, and prints the
number and the cells of the change behind it.
"""

import re
import sys
import textwrap

import grpc
from google.protobuf import descriptor_pool, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

address, token, sheet, epoch, revision, manual = sys.argv[1:]
channel = grpc.insecure_channel(address)
pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))


def message(name):
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"gridloom.v1.{name}"))


class Seen(Exception):
    """Carries the received change out of the recipe."""


pieces = 0


def counted(frames):
    global pieces
    for answer in frames:
        pieces += answer.frame.WhichOneof("frame") == "piece"
        yield answer


def handle(frame):
    assert frame.WhichOneof("frame") != "piece", "the recipe joins pieces"
    for change in frame.changes.changes:
        if change.revision == int(revision) + 1:
            raise Seen(change.revision, sum(len(block.values) for block in change.delta.cells))


text = open(manual, encoding="utf-8").read()
recipe = re.search(r'^// +data = b"".*?^// +handle\(frame\)\n', text, re.M | re.S).group()
recipe = textwrap.dedent("\n".join(line.removeprefix("//") for line in recipe.splitlines()))

watch = channel.unary_stream(
    "/gridloom.v1.LiveService/Watch",
    request_serializer=lambda request: request.SerializeToString(),
    response_deserializer=message("WatchResponse").FromString,
)
resume = {"epoch": int(epoch), "revision": int(revision)}
request = message("WatchRequest")(hello={"sheet_id": sheet, "resume": resume})
frames = counted(watch(request, metadata=[("authorization", f"Bearer {token}")], timeout=60))
try:
    exec(recipe, {"frames": frames, "handle": handle, "ServerFrame": message("ServerFrame")})
except Seen as seen:
    assert pieces > 1, "the frame is larger than a message"
    print(*seen.args)

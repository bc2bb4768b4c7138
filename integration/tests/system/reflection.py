"""Calls a server through reflection alone: no generated code, no .proto file.

Usage: reflection.py ADDRESS. Prints "ok", and fails when an answer differs from the expected one.
"""

import sys
import uuid

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

channel = grpc.insecure_channel(sys.argv[1])
database = ProtoReflectionDescriptorDatabase(channel)
pool = descriptor_pool.DescriptorPool(database)
token = None


def call(service, method, request):
    """Makes a unary call: JSON in, JSON out."""
    found = pool.FindServiceByName(f"gridloom.v1.{service}").FindMethodByName(method)
    answer = message_factory.GetMessageClass(found.output_type)
    make = channel.unary_unary(
        f"/gridloom.v1.{service}/{method}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=answer.FromString,
    )
    message = json_format.ParseDict(request, message_factory.GetMessageClass(found.input_type)())
    metadata = [("authorization", f"Bearer {token}")] if token else []
    return json_format.MessageToDict(make(message, metadata=metadata, timeout=30))


services = set(database.get_services())
wanted = {f"gridloom.v1.{name}Service" for name in ("Account", "Live", "Sheet")}
assert wanted | {"grpc.health.v1.Health"} <= services, services

email = f"python-{uuid.uuid4().hex}@example.org"
session = call("AccountService", "SignUp", {"email": email, "password": "correct horse"})["session"]
token = session["token"]
assert call("AccountService", "WhoAmI", {})["account"]["email"] == email

columns = [{"name": "Item"}, {"name": "Count"}]
sheet = call("SheetService", "CreateSheet", {"name": "From Python", "columns": columns, "rowCount": 3})
values = [{"text": "nails"}, {"number": 500}]
commands = [
    {"setCells": {"row": {"at": 1}, "col": {"name": "Item"}, "width": 2, "values": values}},
    {"insertRows": {"at": 0, "count": 2}},
]
edit = {"sheetId": sheet["sheet"]["id"], "commands": {"commands": commands}, "requestId": "first"}
first, second = (call("SheetService", "ApplyEdits", edit) for _ in range(2))
assert first == second == {"revision": "1"}, (first, second)

read = call("SheetService", "ReadCells", {"sheetId": sheet["sheet"]["id"]})
assert read["rowCount"] == 5, read
assert read["rows"][3]["values"] == values, read

try:
    call("SheetService", "ReadCells", {"sheetId": str(uuid.uuid4())})
except grpc.RpcError as error:
    assert error.code() is grpc.StatusCode.NOT_FOUND, error
else:
    raise AssertionError("the server found a sheet that does not exist")
print("ok")

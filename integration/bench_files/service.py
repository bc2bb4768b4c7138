"""A client of the server: calls by reflection, uploads, jobs.

Not the measuring. Invariant: a job that is waited for ends, or is cancelled with the time of the benchmark.
"""

import hashlib
import time
import uuid

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from measure import Fault, Late

ENDED = {"JOB_STATE_DONE", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED"}
LOOK_SECONDS = 0.05


class Service:
    """The server, with an account of its own."""

    def __init__(self, url, clock):
        self.clock, self.token = clock, None
        self.channel = grpc.insecure_channel(url.removeprefix("http://"), options=[("grpc.max_receive_message_length", -1)])
        self.pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(self.channel))
        account = {"email": f"bench-{uuid.uuid4().hex}@example.org", "password": uuid.uuid4().hex}
        self.token = self.call("AccountService", "SignUp", account).session.token

    def method(self, service, name):
        try:
            return self.pool.FindServiceByName(f"gridloom.v1.{service}").FindMethodByName(name)
        except (KeyError, grpc.RpcError) as error:
            raise Fault(f"the server has no {service}/{name}") from error

    def request(self, service, name, fields):
        return json_format.ParseDict(fields, message_factory.GetMessageClass(self.method(service, name).input_type)())

    def raw(self, service, name):
        """A call from bytes to bytes: nothing is decoded."""
        call = self.channel.unary_unary(f"/gridloom.v1.{service}/{name}")
        metadata = [("authorization", f"Bearer {self.token}")] if self.token else []

        def made(data):
            try:
                return call(data, metadata=metadata, timeout=60)
            except grpc.RpcError as error:
                raise Fault(f"{name}: {error.code().name}: {error.details()}") from error

        return made

    def answer(self, service, name, data):
        return message_factory.GetMessageClass(self.method(service, name).output_type).FromString(data)

    def send(self, service, name, message):
        return self.answer(service, name, self.raw(service, name)(message.SerializeToString()))

    def call(self, service, name, fields):
        return self.send(service, name, self.request(service, name, fields))

    def upload(self, path):
        """Sends a file: its id."""
        started = self.call("FileService", "StartUpload", {"name": path.name, "size_bytes": path.stat().st_size})
        upload = started.upload
        with path.open("rb") as file:
            for number in range(-(-upload.size_bytes // upload.piece_bytes)):
                if self.clock.left() <= 0:
                    raise Late("the upload did not end in time")
                data = file.read(upload.piece_bytes)
                piece = self.request("FileService", "UploadPiece", {"upload_id": upload.id, "number": number})
                piece.data, piece.digest = data, hashlib.sha256(data).digest()
                self.send("FileService", "UploadPiece", piece)
        return self.call("FileService", "FinishUpload", {"upload_id": upload.id}).file.id

    def done(self, job):
        """The job, once it is done, and its seconds from its begin in the queue to its end."""
        while self.state(job) not in ENDED:
            if self.clock.left() <= 0:
                self.call("JobService", "CancelJob", {"job_id": job.id})
                raise Late(f"the job {job.kind} did not end in time")
            time.sleep(LOOK_SECONDS)
            job = self.call("JobService", "GetJob", {"job_id": job.id}).job
        if self.state(job) != "JOB_STATE_DONE":
            raise Fault(f"{job.kind}: {self.state(job)}: {job.error}")
        return job, (job.ended_at_micros - job.created_at_micros) / 1e6

    def state(self, job):
        return job.DESCRIPTOR.fields_by_name["state"].enum_type.values_by_number[job.state].name

    def read(self, file):
        """Reads a file as tables: the seconds."""
        return self.done(self.call("TableService", "ReadFile", {"file_id": file}).job)[1]

    def remove(self, file):
        self.call("FileService", "RemoveFile", {"file_id": file, "for_good": True})

"""A server with the protocol of S3 for tests: moto, with one bucket.

Prints its port. It checks no signature. A test changes objects by calls without one:
  PUT    /BUCKET/KEY     the bytes of an object
  DELETE /BUCKET/KEY     removes it
  --bucket NAME          makes this bucket
  --port PORT            listens there
"""

import argparse

import werkzeug.serving
from moto.server import DomainDispatcherApplication, create_backend_app

parser = argparse.ArgumentParser()
parser.add_argument("--bucket", required=True)
parser.add_argument("--port", type=int, default=0)
arguments = parser.parse_args()
app = DomainDispatcherApplication(create_backend_app)
# One request at a time: moto does not check the condition of a write and write in one step.
server = werkzeug.serving.make_server("127.0.0.1", arguments.port, app, threaded=False)
client = werkzeug.test.Client(app)
made = client.put(f"/{arguments.bucket}", base_url="http://127.0.0.1")
assert made.status_code == 200, made.get_data(as_text=True)
print(server.server_port, flush=True)
server.serve_forever()

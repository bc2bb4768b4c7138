"""An OpenID Connect provider for tests: oidc-provider-mock, with PKCE checked, keys that change, and faults on demand.

Prints its port. A test changes it by calls:
  PUT  /users/SUBJECT     the claims of a person, as JSON (of the package)
  POST /test/rotate       another key signs from now on, and the earlier one is no longer published
  PUT  /test/fault/NAME   each further ID token has this fault: issuer, audience, nonce, expired, early, signature,
                          stale (the person has signed in long ago), or none; `refuse`: the token endpoint refuses the client; `broken`: it answers 500;
                          `userinfo`: the claims about the person are at the user info endpoint alone;
                          `hold`: the token endpoint answers once there is another fault or none
  GET  /test/held/COUNT   answers once so many calls are held
  --port PORT             listens there
  --cert FILE --key FILE  TLS
"""

import argparse
import hashlib
import os
import threading
import time
from base64 import urlsafe_b64encode

import flask
import werkzeug.serving
from authlib import jose

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import oidc_provider_mock
from oidc_provider_mock import _app

fault = "none"
held = 0
changed = threading.Condition()
challenges = {}


class Code(_app.OpenIDCode):
    """The ID token, with the fault of the test."""

    def get_jwt_config(self, grant, client=None):
        config = super().get_jwt_config(grant, client)
        if fault == "signature":
            config["key"] = new_key().as_dict(is_private=True)
        return config

    def generate_user_info(self, user, scope):
        claims = super().generate_user_info(user, scope)
        if fault == "userinfo":
            return {"sub": user.sub}
        now = int(time.time())
        wrong = {
            "issuer": {"iss": "http://other.example"},
            "audience": {"aud": "another-client"},
            "nonce": {"nonce": "another"},
            "expired": {"exp": now - 3600},
            "early": {"nbf": now + 3600},
            "stale": {"auth_time": now - 90_000},
        }
        return {**claims, **wrong.get(fault, {})}


def new_key():
    return jose.RSAKey.generate_key(2048, is_private=True)


def save(self, code, request):
    challenges[code] = flask.request.args.get("code_challenge")
    plain_save(self, code, request)


plain_save = _app.AuthorizationCodeGrant.save_authorization_code
_app.AuthorizationCodeGrant.save_authorization_code = save
_app.OpenIDCode = Code

app = oidc_provider_mock.app(require_nonce=True)


@app.before_request
def check():
    if flask.request.path != "/oauth2/token":
        return None
    if fault == "refuse":
        return flask.jsonify(error="invalid_client"), 401
    hold()
    if fault == "broken":
        return "out of order", 500
    form = flask.request.form
    proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = challenges.pop(form.get("code"), None)
    if challenge != urlsafe_b64encode(proof).rstrip(b"=").decode():
        return flask.jsonify(error="invalid_grant", error_description="code or verifier"), 400
    return None


@app.post("/test/rotate")
def rotate():
    flask.g.oidc_provider_mock_storage.jwk = new_key()
    return "", 204


@app.put("/test/fault/<name>")
def set_fault(name):
    global fault
    with changed:
        fault = name
        changed.notify_all()
    return "", 204


def hold():
    global held
    with changed:
        held += 1
        changed.notify_all()
        changed.wait_for(lambda: fault != "hold")
        held -= 1


@app.get("/test/held/<int:count>")
def wait_for_held(count):
    with changed:
        reached = changed.wait_for(lambda: held >= count, timeout=30)
    return "", 204 if reached else 500


parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--cert")
parser.add_argument("--key")
arguments = parser.parse_args()
tls = (arguments.cert, arguments.key) if arguments.cert else None
server = werkzeug.serving.make_server("127.0.0.1", arguments.port, app, threaded=True, ssl_context=tls)
print(server.server_port, flush=True)
server.serve_forever()

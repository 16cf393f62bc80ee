"""Fills a store on each engine over HTTP and the command line of release 0.1, and saves the result beside this file.

Usage: python3 generate.py CHECKOUT
CHECKOUT is a built checkout of release 0.1. Needs the .NET SDK, and PostgreSQL's programs in /usr/lib/postgresql. See README.md.
"""
import contextlib
import datetime
import getpass
import glob
import gzip
import json
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
import messages  # noqa: E402
import questions  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = pathlib.Path(sys.argv[1]).resolve()
PROGRAM = str(next(CHECKOUT.glob("src/RealRelationshipApi/bin/*/net10.0/RealRelationshipApi.dll")))
KEYS = json.loads((HERE / "test-keys.json").read_text("utf-8"))
RINGS = [{}, {"Privacy__EncryptionKeys": KEYS["firstEncryptionKey"]},
         {"Privacy__EncryptionKeys": f"{KEYS['secondEncryptionKey']},{KEYS['firstEncryptionKey']}", "Evidence__Review": "true"}]
SCOPES = {"evidence": ["studies:write", "studies:review", "meta:read"], "clinic-a": ["sessions:write", "sessions:read", "meta:read"],
          "clinic-b": ["sessions:write", "sessions:read", "studies:write", "meta:read"]}
MESSAGES = list(messages.all_messages(CHECKOUT / "src/RealRelationshipApi/Studies/Demo"))
MESSAGES_AFTER_BACKUP = list(messages.messages_after_backup())
EVERY_MESSAGE = MESSAGES + MESSAGES_AFTER_BACKUP


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Store:
    """A store in a folder, with the program of release 0.1."""

    def __init__(self, folder, **settings):
        self.folder, self.keys = pathlib.Path(folder), {}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ASPNETCORE_", "DOTNET_ENV"))}
        self.environment = {**inherited, "Storage__Path": str(self.folder / "store.db"), "Privacy__Key": KEYS["privacyKey"], "Demo__Load": "false",
                            "ASPNETCORE_ENVIRONMENT": "Production", **settings}

    def run(self, *arguments, **settings):
        """Output of a command, which must succeed."""
        done = subprocess.run(["dotnet", "exec", PROGRAM, *arguments], env={**self.environment, **settings}, cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{arguments} exited with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    @contextlib.contextmanager
    def serving(self, **settings):
        """Runs the service for the length of a block."""
        self.address = f"http://127.0.0.1:{free_port()}"
        environment = {**self.environment, "ASPNETCORE_URLS": self.address, **settings}
        with open(self.folder / "log", "a") as log:
            service = subprocess.Popen(["dotnet", "exec", PROGRAM, "serve"], env=environment, cwd=self.folder, stdout=log, stderr=log)
        try:
            for _ in range(300):
                time.sleep(0.1)
                with contextlib.suppress(OSError), urllib.request.urlopen(self.address + "/health/ready"):
                    break
            yield self
        finally:
            service.terminate()
            service.wait()

    def request(self, tenant, path, body=None, method="GET", media=None, headers=None):
        """Status and text of the answer."""
        data = None if body is None else (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()
        sent = {**(headers or {}), "X-API-Key": self.keys[tenant], **({"Content-Type": media} if media and data else {})}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.address + path, data, sent, method=method)) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def send(self, message, without=()):
        headers = {name: value for name, value in message["headers"].items() if name not in without}
        return self.request(message["as"], message["path"], message["body"], message["method"], message["mediaType"], headers)

    def revision(self):
        return json.loads(self.request("evidence", "/meta/references")[1])["data"]["revision"]

    def wait_for_import(self, text):
        path = f"/sessions/imports/{json.loads(text)['id']}"
        for _ in range(300):
            progress = json.loads(self.request("clinic-a", path)[1])
            if progress["state"] != "running":
                return progress
            time.sleep(0.1)
        raise SystemExit("The import does not end.")


def statuses(text):
    """Status of each item of an answer; none where the answer has no items."""
    def walk(node):
        if isinstance(node, dict):
            items = [node[name] for name in ("results", "measures", "entry") if node.get(name)]
            if items:
                yield from (status for item in items for status in walk(item))
            elif "response" in node:
                yield int(node["response"]["status"][:3])
            elif isinstance(node.get("status"), int):
                yield node["status"]
        elif isinstance(node, list):
            for item in node:
                yield from walk(item)
    lines = [line for line in text.split("\n") if line.strip()]
    try:
        return list(walk(json.loads(text)))
    except ValueError:
        return [status for line in lines for status in walk(json.loads(line))]


def create_keys(store):
    for tenant, scopes in SCOPES.items():
        store.keys[tenant] = store.run("keys", "create", "--tenant", tenant, *(argument for scope in scopes for argument in ("--scope", scope))).split()[-1]
    rotated = store.run("keys", "create", "--tenant", "clinic-a", "--scope", "meta:read", "--expires", "2199-01-31").split()[-1]
    store.run("keys", "rotate", rotated.split("_")[1], "--overlap", "24")
    revoked = store.run("keys", "create", "--tenant", "clinic-a", "--scope", "meta:read").split()[-1]
    store.run("keys", "revoke", revoked.split("_")[1])


def fill(store):
    """Runs every command and sends every message. Returns the questions with their answers."""
    create_keys(store)
    imported = store.folder / "imported.json"
    imported.write_text(json.dumps({"note": "Imported by the command.", "studies": messages.IMPORTED}), "utf-8")
    print(store.run("import", str(imported), "--tenant", "evidence").strip())
    places = {}
    for stage, ring in enumerate(RINGS):
        with store.serving(**ring):
            for message in MESSAGES:
                if message["stage"] == stage:
                    status, text = store.send(message)
                    items = statuses(text) if status == 207 else []
                    if status not in (200, 201, 202, 204, 207) or any(item > 201 for item in items):
                        print(f"{message['name']}: {status} {text[:600]}")
                    if status == 202:
                        print("import:", {name: value for name, value in store.wait_for_import(text).items() if name in ("state", "line", "accepted", "rejected")})
            time.sleep(1.2)
            places[str(stage)] = store.revision()
            if stage == 0:
                time.sleep(0.6)
                places["instant"] = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
                time.sleep(1.2)
                store.run("backup", str(store.folder / "plain.backup"))
            if stage == 2:
                store.run("backup", str(store.folder / "sealed.backup"), **ring)
                for message in MESSAGES_AFTER_BACKUP:
                    assert store.send(message)[0] == 200
                time.sleep(1.2)
                return [answered(store, tenant, re.sub(r"\{(\w+)\}", lambda match: str(places[match[1]]), question)) for tenant, question in questions.QUESTIONS]


def answered(store, tenant, question):
    status, text = store.request(tenant, question)
    if status != 200:
        print(f"{question}: {status} {text[:500]}")
    return {"as": tenant, "question": question, "answer": text if ".csv" in question else json.loads(text)}


def resend(store):
    """Sends each message again; those with one status throughout are saved, with that status. Those with an Idempotency-Key come first, with it."""
    with store.serving(**RINGS[2]):
        for message in EVERY_MESSAGE:
            if "Idempotency-Key" in message["headers"]:
                saved = {name: message[name] for name in ("as", "method", "path", "mediaType", "headers")}
                write(f"messages/00-{message['name']}.json", {"status": store.send(message)[0], **saved, "body": json.dumps(message["body"], ensure_ascii=False)})
        for place, message in enumerate(EVERY_MESSAGE, 1):
            if not message["resend"]:
                continue
            status, text = store.send(message, without=("Idempotency-Key", "Prefer"))
            found = set(statuses(text) if status == 207 else [status])
            if found in ({200}, {410}):
                saved = {name: message[name] for name in ("as", "method", "path", "mediaType", "body")}
                headers = {name: value for name, value in message["headers"].items() if name != "Idempotency-Key"}
                write(f"messages/{place:02}-{message['name']}.json", {"status": found.pop(), **saved, "headers": headers})
            else:
                print(f"again {message['name']}: {status} {text[:300]}")


def compress(source, target):
    (HERE / target).write_bytes(gzip.compress(source if isinstance(source, bytes) else pathlib.Path(source).read_bytes(), 9, mtime=0))


def write(path, value):
    (HERE / path).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")


def save(store, engine, answers):
    compress(json.dumps(answers, ensure_ascii=False, indent=1).encode(), f"{engine}/questions.json.gz")
    write(f"{engine}/api-keys.json", store.keys)
    shutil.copy(store.folder / "store.db.erasures", HERE / engine / "store.db.erasures")
    summary = store.run("verify", **RINGS[2])
    (HERE / engine / "verify.txt").write_text(summary, "utf-8")
    print(engine, summary.strip())


def report_tables(counts):
    print(f"{len(counts)} tables; empty: {[name for name, count in counts.items() if count == 0] or 'none'}")


def generate_sqlite(folder):
    store = Store(folder)
    save(store, "sqlite", fill(store))
    store.run("export", str(store.folder / "all.ndjson"), **RINGS[2])
    path = store.folder / "store.db"
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        names = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        report_tables({name: file.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names})
    compress(path, "sqlite/store.db.gz")
    compress(store.folder / "all.ndjson", "export.ndjson.gz")
    compress(store.folder / "plain.backup", "plain.backup.gz")
    shutil.copy(store.folder / "sealed.backup", HERE / "sealed.backup")
    resend(store)


def generate_postgres(folder):
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
    prefix = ["runuser", "-u", "postgres", "--"] if getpass.getuser() == "root" else []
    with tempfile.TemporaryDirectory() as home:
        if prefix:
            shutil.chown(home, "postgres")

        def run(program, *arguments, output=subprocess.PIPE):
            return subprocess.run([*prefix, f"{programs}/{program}", *arguments], check=True, cwd="/", stdout=output, text=True).stdout

        port = free_port()
        run("initdb", "-D", f"{home}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        run("pg_ctl", "start", "-w", "-D", f"{home}/data", "-l", f"{home}/log",
            "-o", f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c fsync=off", output=subprocess.DEVNULL)
        try:
            store = Store(folder, Storage__Provider="Postgres", Storage__ConnectionString=f"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres")
            save(store, "postgres", fill(store))
            database = ["-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "postgres"]
            dump = run("pg_dump", "--inserts", "--no-owner", "--no-privileges", *database)
            # Lines that start with a backslash are commands of psql; the rest is SQL, which the tests run as it is.
            compress("".join(line + "\n" for line in dump.split("\n") if not line.startswith("\\")).encode(), "postgres/store.sql.gz")
            names = run("psql", "-At", "-c", "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1", *database).split()
            report_tables({name: int(run("psql", "-At", "-c", f"SELECT count(*) FROM {name}", *database)) for name in names})
        finally:
            run("pg_ctl", "stop", "-D", f"{home}/data", "-m", "immediate")


shutil.rmtree(HERE / "messages", ignore_errors=True)
for name in ("messages", "sqlite", "postgres"):
    (HERE / name).mkdir(exist_ok=True)
for generate in (generate_sqlite, generate_postgres):
    with tempfile.TemporaryDirectory() as folder:
        generate(folder)

"""A stand-in for Stripe: a real HTTP server with a memory, idempotency and faults on demand."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

from .operations import EXPAND, OPERATIONS
from .shapes import faults, unflatten
from .state import Refusal, Row, State, invalid

SECRET = "whsec_test_secret_of_the_double"


@dataclass
class Fault:
    """`kind`: drop_before, drop_after, slow and slow_after (`value` seconds), status (`value`),
    stored (`value`, kept under the key as Stripe keeps its own 500s), stored_after (the same, but
    it was done)."""

    kind: str
    path: str = ""
    value: float = 0
    times: int = 1


class Drop(Exception):
    """End the connection without an answer."""


class Double:
    def __init__(self) -> None:
        self.reset()
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                double.serve(self)

            do_POST = do_GET

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reset(self) -> None:
        self.state = State()
        self.keys: dict[str, Row] = {}
        self.faults: list[Fault] = []
        self.calls: list[str] = []
        self.lock = threading.RLock()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers.get("Content-Length") or 0)
        body = request.rfile.read(length).decode()
        try:
            status, answer = self.answer(request.command, request.path, body, request.headers)
        except Drop:
            request.close_connection = True
            request.connection.close()
            return
        data = json.dumps(answer).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    def fault(self, call: str) -> Fault | None:
        for one in self.faults:
            if one.times and re.search(one.path, call):
                one.times -= 1
                return one
        return None

    def answer(self, method: str, url: str, body: str, headers: Any) -> tuple[int, Any]:
        parts = urlsplit(url)
        path = parts.path.removeprefix("/v1/").split("/")
        call = f"{method} {'/'.join(path)}"
        with self.lock:
            self.calls.append(call)
            fault = self.fault(call)
        if fault and fault.kind == "drop_before":
            raise Drop
        if fault and fault.kind == "status":
            return int(fault.value), {"error": {"type": "api_error", "message": "not now"}}
        key = headers.get("Idempotency-Key") if method == "POST" else None
        try:
            given = self.checked(method, path, parts.query, body, headers)
            status, answer = self.once(key, call, body, given, method, path, fault)
        except Refusal as error:
            return error.status, error.body
        if fault and fault.kind == "drop_after":
            raise Drop
        if fault and fault.kind == "slow_after":
            time.sleep(fault.value)
        return status, answer

    def checked(self, method: str, path: list[str], query: str, body: str, headers: Any) -> Row:
        if headers.get("Authorization") != "Bearer sk_test_double":
            raise Refusal(401, "invalid_request_error", "", "Invalid API Key provided")
        if headers.get("Stripe-Version") != self.state.api_version:
            raise invalid("version", f"Another version: {headers.get('Stripe-Version')}")
        if self.pattern(method, path) not in OPERATIONS:
            raise invalid("not_here", f"The double knows no {method} {path}", 404)
        given = unflatten(parse_qsl(body if method == "POST" else query, keep_blank_values=True))
        wrong = faults(given, OPERATIONS[self.pattern(method, path)][0])
        if wrong:
            raise invalid("parameter_unknown", "; ".join(wrong))
        return given

    def pattern(self, method: str, path: list[str]) -> str:
        return f"{method} {'/'.join('*' if i == 1 else one for i, one in enumerate(path))}"

    def once(
        self,
        key: str | None,
        call: str,
        body: str,
        given: Row,
        method: str,
        path: list[str],
        fault: Fault | None,
    ) -> tuple[int, Any]:
        with self.lock:
            kept = self.keys.get(key) if key else None
            if kept is not None:
                if kept["call"] != call or kept["body"] != body:
                    kind = "idempotency_error"
                    raise Refusal(400, kind, "idempotency_error", "Other parameters than before")
                if kept["answer"] is None:
                    raise Refusal(409, "idempotency_error", "idempotency_key_in_use", "Running")
                status, text = kept["answer"]
                return status, json.loads(text)
            if key:
                kept = self.keys[key] = {"call": call, "body": body, "answer": None}
        if fault and fault.kind == "slow":
            time.sleep(fault.value)
        try:
            with self.lock:
                _, operation = OPERATIONS[self.pattern(method, path)]
                if fault and fault.kind == "stored_after":
                    operation(self.state, path, given)
                if fault and fault.kind.startswith("stored"):
                    error = {"error": {"type": "api_error", "message": "stored"}}
                    status, answer = int(fault.value), error
                else:
                    status, answer = 200, self.expanded(operation(self.state, path, given), given)
                if kept is not None:
                    kept["answer"] = (status, json.dumps(answer))
                return status, answer
        except Refusal:
            if key:
                self.keys.pop(key)  # what failed validation is not kept
            raise

    def expanded(self, row: Row, given: Row) -> Row:
        wanted = {name for path in given.get("expand", {}).values() for name in path.split(".")}
        if row["object"] == "list":
            return row | {"data": [self.expanded(one, given) for one in row["data"]]}
        found = dict(row)
        for name in EXPAND:
            if name in wanted and isinstance(found.get(name), str):
                found[name] = self.expanded(self.state.rows[found[name]], given)
        if row["object"] == "charge" and "refunds" in wanted:
            mine = [o for o in self.state.rows.values() if o.get("charge") == row["id"]]
            refunds = [o for o in mine if o["object"] == "refund"]
            found["refunds"] = {"object": "list", "data": refunds, "has_more": False, "url": ""}
        return found

    # Delivery of events, driven by the test.

    def signed(self, event: Row, *, at: float | None = None, secret: str = SECRET) -> Any:
        body = json.dumps(event)
        stamp = int(at if at is not None else time.time())
        header = stripe.WebhookSignature.generate_signature_header(body, secret, timestamp=stamp)
        return body.encode(), header

    def deliver(
        self, post: Callable[[bytes, str], int], events: list[Row] | None = None, tries: int = 3
    ) -> list[int]:
        """Send events, again after a 5xx, as Stripe does; the last status of each."""
        last = []
        for event in events if events is not None else list(self.state.events):
            for _ in range(tries):
                status = post(*self.signed(event))
                if status < 500:
                    break
            last.append(status)
        return last

"""Moto's DynamoDB over HTTP, one request at a time, as its transactions need it: `server.py` prints its port."""

from __future__ import annotations

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app))
    print(server.server_port, flush=True)
    server.serve_forever()

"""nginx before an app on the same machine: streams at once, and sockets that stay open."""

from __future__ import annotations

from textwrap import dedent

from convo_cli.deployment.manifest import Manifest
from convo_cli.deployment.plan import PORT, Plan

__all__ = ["nginx_lines", "nginx_manifest"]


def nginx_manifest(plan: Plan) -> Manifest:
    """For an app with a domain."""
    assert plan.domain is not None
    megabytes = int(plan.project.config.features.uploads.max_size_mb) + 1
    location = f"{plan.project.config.server.root_path}/"
    upgrade = f"$connection_{plan.name.replace('-', '_')}"
    return Manifest(
        "nginx.conf",
        dedent(
            f"""\
            {plan.made_by}
            # Lies in /etc/nginx/conf.d/{plan.name}.conf; certbot adds https to it.
            map $http_upgrade {upgrade} {{
                default upgrade;
                '' '';
            }}

            server {{
                listen 80;
                listen [::]:80;
                server_name {plan.domain};
                client_max_body_size {megabytes}m;

                location {location} {{
                    proxy_pass http://127.0.0.1:{PORT};
                    proxy_http_version 1.1;
                    proxy_set_header Upgrade $http_upgrade;
                    proxy_set_header Connection {upgrade};
                    # Set, not added to: what a client writes into these counts for nothing.
                    proxy_set_header Host $http_host;
                    proxy_set_header X-Forwarded-For $remote_addr;
                    proxy_set_header X-Forwarded-Proto $scheme;
                    proxy_set_header X-Forwarded-Host $http_host;
                    # Answers stream, and a socket may be silent for long.
                    proxy_buffering off;
                    proxy_request_buffering off;
                    proxy_read_timeout 1h;
                    proxy_send_timeout 1h;
                }}
            }}
            """
        ),
    )


def nginx_lines(plan: Plan) -> list[str]:
    """How nginx gets to know of it."""
    return [
        f"sudo install -m 0644 nginx.conf /etc/nginx/conf.d/{plan.name}.conf",
        "sudo nginx -t && sudo systemctl reload nginx",
        f"sudo certbot --nginx -d {plan.domain}",
    ]

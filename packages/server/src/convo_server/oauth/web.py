"""The way to providers: JSON over HTTP, to hosts that settings or discovery name, never into a private network."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # typeshed has forgotten it

import httpx
import msgspec
from convo.egress import Egress, IPAddress
from convo.errors import EgressError

from convo_server.oauth.refusal import Refusal, RefusalCode

__all__ = ["Web"]

_SECONDS = 10.0
_BYTES = 1_000_000


class Web:
    """Asks a provider. Follows no redirects, reads at most a megabyte, waits at most ten seconds.

    The address that a name resolves to is checked, and is the one that is connected to: public and encrypted, but with
    `is_local` this machine's own, and with `allow_private` any. Behind one of `proxies`, as the environment names them,
    names are the proxy's to look up. All methods raise `Refusal`: `provider-down`, or `provider-invalid`.
    """

    def __init__(
        self, *, is_local: bool = False, allow_private: bool = False, proxies: Mapping[str, str] | None = None
    ) -> None:
        self._is_local = is_local
        self._egress = Egress(is_local=is_local, allow_private=allow_private, setting="auth.allow_private_hosts")
        self._proxies = dict(proxies or {})
        self._tls: ssl.SSLContext | None = None

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON at `url`."""
        status, answer = await self._ask("GET", url, headers or {}, None)
        if status != 200:
            raise Refusal("provider-down" if status >= 500 else "provider-invalid", f"{url} answered {status}.")
        return answer

    async def post(self, url: str, body: str, headers: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """Post a form; the status and the JSON object of the answer, which may be an error in words."""
        status, answer = await self._ask("POST", url, headers, body)
        if status >= 500:
            raise Refusal("provider-down", f"{url} answered {status}.")
        if not isinstance(answer, dict):
            raise Refusal("provider-invalid", f"{url} answered {status}, and no JSON object.")
        return status, answer

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], body: str | None) -> tuple[int, Any]:
        try:
            async with asyncio.timeout(_SECONDS):
                status, content = await self._exchange(method, url, headers, body)
        except EgressError as error:
            code: RefusalCode = "provider-down" if error.reason == "private" else "provider-invalid"
            raise Refusal(code, f"{url} cannot be asked: {error}") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            raise Refusal("provider-down", f"{url} could not be asked: {error!r}") from error
        try:
            return status, msgspec.json.decode(content)
        except msgspec.DecodeError as error:
            if status == 200:
                raise Refusal("provider-invalid", f"{url} answered no JSON.") from error
            return status, None

    async def _exchange(self, method: str, url: str, headers: Mapping[str, str], body: str | None) -> tuple[int, bytes]:
        target = httpx.URL(url)
        if (proxy := self._proxy(target)) is not None:
            return await self._send(method, target, None, headers, body, proxy)
        addresses = await self._egress.resolve(target.scheme, target.host, target.port)
        for address in addresses[:-1]:
            try:
                return await self._send(method, target, address, headers, body)
            except httpx.ConnectError:  # as of IPv6 on a machine without; nothing was sent
                continue
        return await self._send(method, target, addresses[-1], headers, body)

    async def _send(
        self,
        method: str,
        target: httpx.URL,
        address: IPAddress | None,
        headers: Mapping[str, str],
        body: str | None,
        proxy: str | None = None,
    ) -> tuple[int, bytes]:
        sent = {"Host": target.netloc.decode(), "Accept": "application/json", "User-Agent": "convo"} | dict(headers)
        context = await self._context() if target.scheme == "https" else False
        # No connection is kept: one to the same address may have been made for another name.
        async with (
            httpx.AsyncClient(verify=context, trust_env=False, timeout=_SECONDS, proxy=proxy) as client,
            client.stream(
                method,
                target if address is None else target.copy_with(host=str(address)),
                headers=sent,
                content=body,
                extensions={"sni_hostname": target.host},  # whose certificate is asked for and checked
            ) as response,
        ):
            content = b""
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > _BYTES:
                    raise Refusal("provider-invalid", f"{target} answered more than {_BYTES} bytes.")
            return response.status_code, content

    async def _context(self) -> ssl.SSLContext:
        if self._tls is None:  # `SSL_CERT_FILE` may name a company's own authority; reading them takes a while
            self._tls = await asyncio.to_thread(httpx.create_ssl_context, trust_env=True)
        return self._tls

    def _proxy(self, url: httpx.URL) -> str | None:
        """That which leads to `url`, if one does. Raises `EgressError` for what is not to be asked by it either."""
        proxy = self._proxies.get(url.scheme)
        if proxy is None or self._is_local or proxy_bypass_environment(url.host, self._proxies):
            return None
        address: IPAddress | None = None
        with suppress(ValueError):  # a name
            address = ipaddress.ip_address(url.host)
        self._egress.check(url.scheme, url.host, address)
        return proxy

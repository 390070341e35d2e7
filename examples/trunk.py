"""Calls by a trunk that wants no registration, and answers what comes from it, until Ctrl-C.

python trunk.py sip:+4930123@provider.example --host sip.provider.example
    --auth-user TRUNK --password PASSWORD [--call sip:+4930456@provider.example] [--from-network 192.0.2.0/24]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ipaddress

import pyjsua


async def serve(call: pyjsua.Call, networks: list[str]) -> None:
    async with call:
        assert call.invite is not None
        # From is what a caller says he is; where he is his packets say. A number nothing matches PJSIP takes
        # to be for the first account.
        source = ipaddress.ip_address(call.invite.remote_addr.rpartition(":")[0].strip("[]"))
        if networks and not any(source in ipaddress.ip_network(network) for network in networks):
            print(f"refused {call.remote_uri}, who is at {source}", flush=True)
            await call.reject(403)
            return
        print(f"{call.remote_uri} calls {call.invite.uri}", flush=True)
        with contextlib.suppress(pyjsua.CallCancelled):
            await call.answer()
            call.audio.connect(call.audio)
        await call.wait_ended()


async def main(options: argparse.Namespace) -> None:
    async with (
        pyjsua.Endpoint(bound_addr=options.bind, port=options.port) as endpoint,
        asyncio.TaskGroup() as calls,
    ):
        trunk = endpoint.add_account(
            options.address,
            options.password,
            username=options.auth_user,
            # Everything goes by the provider's host, whatever domain a number is written with.
            proxy=[f"sip:{options.host};lr"],
        )
        if options.from_network:
            # Whatever number is dialled: it is for us if it comes from there.
            trunk.set_incoming_match(sources=options.from_network)
        incoming = trunk.incoming()
        print(f"{trunk.uri} is ready at port {endpoint.address()[1]}", flush=True)
        if options.call:
            try:
                call = await trunk.call(options.call, timeout=30)
            except pyjsua.SipError as error:
                print(f"not answered: {error}", flush=True)
            else:
                print(f"answered by {call.remote_uri}", flush=True)
                await call.hangup()
            return
        async for call in incoming:
            calls.create_task(serve(call, options.from_network))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address", help="what the other side sees: sip:number@domain")
    parser.add_argument("--host", required=True, help="the provider's: host:port")
    parser.add_argument("--auth-user", help="name for digest, if it is not the number")
    parser.add_argument("--password", default="")
    parser.add_argument("--call", default="", help="call this, hang up, and end")
    parser.add_argument("--from-network", action="append", default=[], help="where its calls come from")
    parser.add_argument("--port", type=int, default=0, help="of ours, which the provider has to know")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(parser.parse_args()))

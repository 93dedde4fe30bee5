"""One wallet's way through the exchange with polymarket-client, which refuses every answer that is not as documented.

In: {"host", "user", "tokenId", "negRiskToken", "v2Token", "bid", "ask", "wallet": {"privateKey", "funder"}}.
Out: what the client has made of the answers, as JSON.
"""

import asyncio
import json
import sys
import threading
from dataclasses import replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from polymarket import AsyncSecureClient
from polymarket._internal.environment import PRODUCTION_CONFIG, create_environment
from polymarket.errors import OrderHeartbeatMismatchError, RequestRejectedError
from polymarket.streams import UserSpec

EVENTS_WAIT_S = 10
CENT = Decimal("0.01")

given = json.load(sys.stdin)
token, v2_token = given["tokenId"], given["v2Token"]
bid, ask = Decimal(str(given["bid"])), Decimal(str(given["ask"]))


class Relayer(BaseHTTPRequestHandler):
    """The only thing that the client asks its relayer for: whether the wallet is there."""

    def do_GET(self):
        body = b'{"deployed": true}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


def environment_with(relayer_url):
    """Production, at other addresses."""
    config = replace(
        PRODUCTION_CONFIG,
        clob_url=given["host"],
        clob_user_ws_url=given["user"],
        relayer_url=relayer_url,
        rpc_url=relayer_url,
    )
    return create_environment(name="simulated", config=config)


def plain(model):
    return model.model_dump(mode="json")


async def items_of(paginator):
    return [plain(item) async for item in paginator.iter_items()]


async def refusal_of(awaitable):
    """What a request is refused with; None when it was not."""
    try:
        await awaitable
    except RequestRejectedError as error:
        return {"status": error.status, "message": str(error), "code": error.code}
    return None


async def mismatch_of(client):
    try:
        await client.send_order_heartbeat(heartbeat_id="11111111-1111-4111-8111-111111111111")
    except OrderHeartbeatMismatchError as error:
        return error.heartbeat_id
    return None


async def events_until(handle, is_enough):
    events = []

    async def collect():
        async for event in handle:
            events.append(plain(event))
            if is_enough(events):
                return

    await asyncio.wait_for(collect(), EVENTS_WAIT_S)
    return events


def is_confirmed(events):
    return any(e["type"] == "trade" and e["payload"]["status"] == "CONFIRMED" for e in events)


async def trade(client):
    report = {"walletType": client.wallet_type, "closedOnly": await client.get_closed_only_mode()}
    report["keys"] = list(await client.fetch_api_keys()) == [client.credentials.key]
    report["balance"] = plain(await client.get_balance_allowance(asset_type="COLLATERAL"))
    report["book"] = plain(await client.get_order_book(asset_id=token))
    stream = await client.subscribe(UserSpec())
    listening = asyncio.create_task(events_until(stream, is_confirmed))
    await asyncio.sleep(0.3)

    resting = await client.place_limit_order(
        asset_id=token, price=bid - 5 * CENT, size=10, side="BUY"
    )
    report["resting"] = plain(resting)
    report["open"] = await items_of(client.list_open_orders(asset_id=token))
    report["one"] = plain(await client.get_order(order_id=resting.order_id))
    report["cancelled"] = plain(await client.cancel_order(order_id=resting.order_id))

    bought = await client.place_market_order(
        asset_id=token, side="BUY", amount=5, max_price=ask + 5 * CENT
    )
    report["bought"] = plain(bought)
    report["settled"] = list(await client.wait_for_order_fill_settlement(bought))
    report["trades"] = [
        row
        for row in await items_of(client.list_account_trades(asset_id=token))
        if row["taker_order_id"] == bought.order_id
    ]
    report["events"] = await listening
    await stream.close()

    report["shares"] = plain(
        await client.get_balance_allowance(asset_type="CONDITIONAL", asset_id=token)
    )
    report["tooSmall"] = await refusal_of(
        client.place_limit_order(asset_id=token, price=bid - 5 * CENT, size=1, side="BUY")
    )
    report["negRisk"] = plain(
        await client.place_limit_order(
            asset_id=given["negRiskToken"], price=Decimal("0.02"), size=100, side="BUY"
        )
    )
    report["protocolV2"] = plain(
        await client.place_limit_order(asset_id=v2_token, price=CENT, size=100, side="BUY")
    )
    report["v2Shares"] = plain(
        await client.get_balance_allowance(asset_type="CONDITIONAL-V2", asset_id=v2_token)
    )
    crossing = await client.create_limit_order(
        asset_id=token, price=ask + 5 * CENT, size=10, side="BUY", post_only=True
    )
    fine = await client.create_limit_order(
        asset_id=token, price=bid - 6 * CENT, size=10, side="BUY", post_only=True
    )
    report["batch"] = [plain(row) for row in await client.post_orders([crossing, fine])]
    beat = await client.send_order_heartbeat()
    report["mismatch"] = await mismatch_of(client) == beat.heartbeat_id
    report["notifications"] = [plain(row) for row in await client.get_notifications()]
    report["cancelledMarket"] = plain(await client.cancel_market_orders(asset_id=v2_token))
    report["cancelledAll"] = plain(await client.cancel_all())
    report["left"] = await items_of(client.list_open_orders())
    await client.delete_api_key()
    report["withoutKey"] = await refusal_of(client.get_closed_only_mode())
    return report


async def main():
    relayer = ThreadingHTTPServer(("127.0.0.1", 0), Relayer)
    threading.Thread(target=relayer.serve_forever, daemon=True).start()
    client = await AsyncSecureClient.create(
        private_key=given["wallet"]["privateKey"],
        wallet=given["wallet"]["funder"],
        environment=environment_with(f"http://127.0.0.1:{relayer.server_port}"),
    )
    try:
        json.dump(await trade(client), sys.stdout)
    finally:
        await client.close()
        relayer.shutdown()


asyncio.run(main())

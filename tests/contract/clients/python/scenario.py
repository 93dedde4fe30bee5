"""One wallet's way through the exchange with py-clob-client-v2: what it is told goes out as JSON, for the test to judge.

In: {"host", "tokenId", "negRiskToken", "v2Token", "bid", "ask", "wallet": {"privateKey", "funder", "signatureType"}}.
"""

import json
import sys

from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.clob_types import (
    AssetType,
    BalanceAllowanceParams,
    MarketOrderArgs,
    OpenOrderParams,
    OrderArgs,
    OrderMarketCancelParams,
    OrderPayload,
    OrderType,
    PartialCreateOrderOptions,
    TradeParams,
)
from py_clob_client_v2.exceptions import PolyApiException

given = json.load(sys.stdin)
wallet = given["wallet"]
token, bid, ask = given["tokenId"], given["bid"], given["ask"]


def cents_from(price, cents):
    return round(price + cents / 100, 2)


def refusal_of(run):
    """What a request is refused with; None when it was not."""
    try:
        run()
    except PolyApiException as error:
        return {"status": error.status_code, "error": error.error_msg}
    return None


client = ClobClient(
    host=given["host"],
    chain_id=137,
    key=wallet["privateKey"],
    signature_type=wallet["signatureType"],
    funder=wallet["funder"],
)
report = {"ok": client.get_ok(), "version": client.get_version()}
credentials = client.create_or_derive_api_key()
client.set_api_creds(credentials)
report["sameKey"] = client.derive_api_key() == credentials
report["keys"] = client.get_api_keys()["apiKeys"] == [credentials.api_key]
report["balance"] = client.get_balance_allowance(
    BalanceAllowanceParams(asset_type=AssetType.COLLATERAL)
)
book = client.get_order_book(token)
report["bookHash"] = client.get_order_book_hash(book) == book["hash"]

resting = client.create_and_post_order(
    OrderArgs(token_id=token, price=cents_from(bid, -5), size=10, side="BUY"),
    order_type=OrderType.GTC,
)
report["resting"] = resting
report["open"] = client.get_open_orders(OpenOrderParams(asset_id=token))
report["one"] = client.get_order(resting["orderID"])
beat = client.post_heartbeat()
report["beats"] = [beat, client.post_heartbeat(beat["heartbeat_id"])]
report["cancelled"] = client.cancel_order(OrderPayload(orderID=resting["orderID"]))
report["cancelledAgain"] = client.cancel_order(OrderPayload(orderID=resting["orderID"]))

# Waits until the trades have a transaction.
bought = client.create_and_post_market_order(
    MarketOrderArgs(
        token_id=token,
        amount=5,
        side="BUY",
        price=cents_from(ask, 5),
        order_type=OrderType.FAK,
    ),
    order_type=OrderType.FAK,
)
report["bought"] = bought
report["trades"] = [
    trade
    for trade in client.get_trades(TradeParams(asset_id=token))
    if trade["taker_order_id"] == bought["orderID"]
]
report["sold"] = client.create_and_post_market_order(
    MarketOrderArgs(
        token_id=token,
        amount=2,
        side="SELL",
        price=cents_from(bid, -5),
        order_type=OrderType.FAK,
    ),
    order_type=OrderType.FAK,
    defer_exec=True,
)
report["fakUnmet"] = refusal_of(
    lambda: client.create_and_post_market_order(
        MarketOrderArgs(token_id=token, amount=5, side="BUY", price=0.02),
        order_type=OrderType.FAK,
    )
)
report["tooSmall"] = refusal_of(
    lambda: client.create_and_post_order(
        OrderArgs(token_id=token, price=cents_from(bid, -5), size=1, side="BUY")
    )
)
report["negRisk"] = client.create_and_post_order(
    OrderArgs(token_id=given["negRiskToken"], price=0.02, size=100, side="BUY")
)
report["protocolV2"] = client.create_and_post_order(
    OrderArgs(position_id=given["v2Token"], price=0.02, size=100, side="BUY"),
    PartialCreateOrderOptions(neg_risk=False),
)
report["cancelledMarket"] = client.cancel_market_orders(
    OrderMarketCancelParams(asset_id=given["v2Token"])
)
report["cancelledAll"] = client.cancel_all()
report["left"] = client.get_open_orders()
client.delete_api_key()
report["withoutKey"] = refusal_of(client.get_open_orders)
json.dump(report, sys.stdout)

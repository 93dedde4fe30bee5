//! Logs in, looks, trades, lists and cancels with the exchange's own Rust client, and prints what came back as JSON.
//!
//! Arguments: the order book's host, the sockets' host, a token, its condition, a private key, a signature type, a funder.

use std::str::FromStr as _;
use std::time::Duration;

use alloy::signers::Signer as _;
use alloy::signers::local::LocalSigner;
use futures::StreamExt as _;
use polymarket_client_sdk_v2::POLYGON;
use polymarket_client_sdk_v2::clob::types::request::{
    BalanceAllowanceRequest, MidpointRequest, OrderBookSummaryRequest, OrdersRequest, TradesRequest,
};
use polymarket_client_sdk_v2::clob::types::{Amount, OrderType, Side, SignatureType};
use polymarket_client_sdk_v2::clob::ws;
use polymarket_client_sdk_v2::clob::{Client, Config};
use polymarket_client_sdk_v2::types::{Address, Decimal, U256};
use serde_json::json;

/// Longer than a trade takes to settle on this exchange.
const SETTLED_AFTER: Duration = Duration::from_secs(2);
/// A silence of this length ends the listening.
const SILENCE: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, host, sockets, token, condition, key, kind, funder] = args.as_slice() else {
        anyhow::bail!("wants a host, a socket host, a token, a condition, a key, a signature type and a funder");
    };
    let token = U256::from_str(token)?;
    let signer = LocalSigner::from_str(key)?.with_chain_id(Some(POLYGON));
    let config = Config::builder().use_server_time(true).build();
    let login = Client::new(host, config)?.authentication_builder(&signer);
    let login = match kind.as_str() {
        "1" => login.signature_type(SignatureType::Proxy),
        "2" => login.signature_type(SignatureType::GnosisSafe),
        "3" => login.signature_type(SignatureType::Poly1271).funder(Address::from_str(funder)?),
        _ => login,
    };
    let client = login.authenticate().await?;

    let user = ws::Client::new(sockets, Default::default())?
        .authenticate(client.credentials().clone(), client.address())?;
    let listening = tokio::spawn(async move {
        let mut events = std::pin::pin!(user.subscribe_user_events(vec![])?);
        let mut heard = 0;
        while let Ok(Some(event)) = tokio::time::timeout(SILENCE, events.next()).await {
            event?;
            heard += 1;
        }
        anyhow::Ok(heard)
    });
    tokio::time::sleep(Duration::from_millis(500)).await;

    let book = client.order_book(&OrderBookSummaryRequest::builder().token_id(token).build()).await?;
    let middle = client.midpoint(&MidpointRequest::builder().token_id(token).build()).await?;
    let market = client.market(condition).await?;
    let markets = client.markets(None).await?;
    let balance = client.balance_allowance(BalanceAllowanceRequest::default()).await?;
    let closed_only = client.closed_only_mode().await?;

    let limit = client
        .limit_order()
        .token_id(token)
        .order_type(OrderType::GTC)
        .price(Decimal::new(5, 2))
        .size(Decimal::TEN)
        .side(Side::Buy)
        .build()
        .await?;
    let resting = client.post_order(client.sign(&signer, limit).await?).await?;
    let listed = client.orders(&OrdersRequest::default(), None).await?;
    let one = client.order(&resting.order_id).await?;
    let canceled = client.cancel_order(&resting.order_id).await?;

    let buy = client
        .market_order()
        .token_id(token)
        .amount(Amount::usdc(Decimal::new(5, 0))?)
        .side(Side::Buy)
        .order_type(OrderType::FAK)
        .build()
        .await?;
    let bought = client.post_order(client.sign(&signer, buy).await?).await?;
    tokio::time::sleep(SETTLED_AFTER).await;
    let trades = client.trades(&TradesRequest::default(), None).await?;
    let all = client.cancel_all_orders().await?;
    let beat = client.post_heartbeat(None).await.is_ok();

    let report = json!({
        "book": { "bids": book.bids.len(), "asks": book.asks.len() },
        "middle": middle.mid.to_string(),
        "tokens": market.tokens.len(),
        "markets": markets.data.len(),
        "balance": balance.balance.to_string(),
        "closedOnly": closed_only.closed_only,
        "resting": { "id": resting.order_id, "success": resting.success, "status": format!("{:?}", resting.status) },
        "listed": listed.data.iter().map(|order| order.id.clone()).collect::<Vec<_>>(),
        "one": format!("{:?}", one.status),
        "canceled": canceled.canceled,
        "bought": { "id": bought.order_id, "success": bought.success, "status": format!("{:?}", bought.status) },
        "trades": trades.data.iter().map(|trade| format!("{:?}", trade.status)).collect::<Vec<_>>(),
        "left": all.canceled.len(),
        "beat": beat,
        "events": listening.await??,
    });
    println!("{report}");
    Ok(())
}

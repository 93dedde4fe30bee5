-- Written by `prisma migrate diff`, then by hand: NULLS NOT DISTINCT, NOT NULL on arrays, and everything from
-- "By hand" on. notes.md says why.

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "config";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "decider";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "ingest";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "live";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "paper";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "portfolio";

-- CreateTable
CREATE TABLE "config"."leader" (
    "leader_id" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "live_override" TEXT NOT NULL,
    "entries_paused" BOOLEAN NOT NULL DEFAULT false,
    "paper_stop_cleared_at" TIMESTAMPTZ(3),
    "live_stop_cleared_at" TIMESTAMPTZ(3),
    "followed_at" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_by" TEXT NOT NULL,

    CONSTRAINT "leader_pkey" PRIMARY KEY ("leader_id")
);

-- CreateTable
CREATE TABLE "config"."leader_wallet" (
    "wallet" TEXT NOT NULL,
    "leader_id" TEXT NOT NULL,
    "added_at" TIMESTAMPTZ(3),

    CONSTRAINT "leader_wallet_pkey" PRIMARY KEY ("wallet")
);

-- CreateTable
CREATE TABLE "config"."mode_config" (
    "mode_config_id" BIGSERIAL NOT NULL,
    "mode" TEXT NOT NULL,
    "leader_id" TEXT,
    "version" INTEGER NOT NULL,
    "body" JSONB NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_by" TEXT NOT NULL,

    CONSTRAINT "mode_config_pkey" PRIMARY KEY ("mode_config_id")
);

-- CreateTable
CREATE TABLE "config"."system_switches" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "copy_engine_enabled" BOOLEAN NOT NULL,
    "live_trading_state" TEXT NOT NULL,
    "entries_paused" BOOLEAN NOT NULL DEFAULT false,
    "live_pause_cleared_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_by" TEXT NOT NULL,

    CONSTRAINT "system_switches_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "config"."change_log" (
    "change_id" BIGSERIAL NOT NULL,
    "what" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "before" JSONB,
    "after" JSONB NOT NULL,

    CONSTRAINT "change_log_pkey" PRIMARY KEY ("change_id")
);

-- CreateTable
CREATE TABLE "decider"."leader_group" (
    "mode" TEXT NOT NULL,
    "group_key" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "partition" INTEGER NOT NULL,
    "leader_id" TEXT NOT NULL,
    "token_id" TEXT NOT NULL,
    "condition_id" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "size_micros" BIGINT NOT NULL,
    "notional_micros" BIGINT NOT NULL,
    "part_count" INTEGER NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "detected_at" TIMESTAMPTZ(3) NOT NULL,
    "leader_held_micros" BIGINT NOT NULL,
    "trace" JSONB NOT NULL,
    "scaled_micros" BIGINT,
    "buffered_at" TIMESTAMPTZ(3),
    "bucket_key" TEXT,
    "below_min_exec" BOOLEAN NOT NULL,

    CONSTRAINT "leader_group_pkey" PRIMARY KEY ("mode","group_key")
);

-- CreateTable
CREATE TABLE "decider"."group_part" (
    "trade_id" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "group_key" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "size_micros" BIGINT NOT NULL,
    "notional_micros" BIGINT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "arrived_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "group_part_pkey" PRIMARY KEY ("trade_id","mode")
);

-- CreateTable
CREATE TABLE "decider"."leader_position" (
    "leader_id" TEXT NOT NULL,
    "token_id" TEXT NOT NULL,
    "size_micros" BIGINT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "leader_position_pkey" PRIMARY KEY ("leader_id","token_id")
);

-- CreateTable
CREATE TABLE "decider"."copy_attempt" (
    "attempt_id" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "leader_id" TEXT NOT NULL,
    "group_key" TEXT NOT NULL,
    "token_id" TEXT NOT NULL,
    "condition_id" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "decision" TEXT NOT NULL,
    "reasons" TEXT[] NOT NULL,
    "details" TEXT[] NOT NULL,
    "source_type" TEXT NOT NULL,
    "trade_ids" TEXT[] NOT NULL,
    "leader_size_micros" BIGINT NOT NULL,
    "leader_notional_micros" BIGINT NOT NULL,
    "leader_price_micros" BIGINT NOT NULL,
    "target_notional_micros" BIGINT,
    "target_size_micros" BIGINT,
    "limit_price_micros" BIGINT,
    "intent_id" TEXT,
    "config_version" INTEGER NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "detected_at" TIMESTAMPTZ(3) NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "decided_at" TIMESTAMPTZ(3) NOT NULL,
    "inputs" JSONB NOT NULL,
    "hops" JSONB NOT NULL,
    "correlation_id" TEXT NOT NULL,

    CONSTRAINT "copy_attempt_pkey" PRIMARY KEY ("attempt_id")
);

-- CreateTable
CREATE TABLE "decider"."capital_stop" (
    "mode" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "leader_id" TEXT NOT NULL,
    "base_micros" BIGINT NOT NULL,
    "peak_micros" BIGINT NOT NULL,
    "profit_micros" BIGINT NOT NULL,
    "as_of" TIMESTAMPTZ(3) NOT NULL,
    "cleared_at" TIMESTAMPTZ(3),
    "tripped_at" TIMESTAMPTZ(3),
    "action" TEXT,

    CONSTRAINT "capital_stop_pkey" PRIMARY KEY ("mode","scope","leader_id")
);

-- CreateTable
CREATE TABLE "decider"."desk" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "version" BIGINT NOT NULL,

    CONSTRAINT "desk_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "decider"."outbox" (
    "seq" BIGSERIAL NOT NULL,
    "channel" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "message_id" TEXT,
    "headers" JSONB NOT NULL,
    "payload" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "ingest"."leader_trade" (
    "trade_id" TEXT NOT NULL,
    "base_id" TEXT NOT NULL,
    "part" INTEGER NOT NULL,
    "leader_id" TEXT NOT NULL,
    "wallet" TEXT NOT NULL,
    "token_id" TEXT NOT NULL,
    "condition_id" TEXT NOT NULL,
    "outcome" TEXT,
    "side" TEXT NOT NULL,
    "size_micros" BIGINT NOT NULL,
    "notional_micros" BIGINT NOT NULL,
    "price_micros" BIGINT NOT NULL,
    "transaction_hash" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "detected_at" TIMESTAMPTZ(3) NOT NULL,
    "source" TEXT NOT NULL,
    "baseline" BOOLEAN NOT NULL,
    "hops" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "leader_trade_pkey" PRIMARY KEY ("trade_id")
);

-- CreateTable
CREATE TABLE "ingest"."sighting" (
    "base_id" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "wallet" TEXT NOT NULL,
    "size_micros" BIGINT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sighting_pkey" PRIMARY KEY ("base_id","source")
);

-- CreateTable
CREATE TABLE "ingest"."chain_log" (
    "block_hash" TEXT NOT NULL,
    "log_index" INTEGER NOT NULL,
    "block_number" BIGINT NOT NULL,
    "base_id" TEXT NOT NULL,
    "transaction_hash" TEXT NOT NULL,
    "wallet" TEXT NOT NULL,
    "token_id" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "size_micros" BIGINT NOT NULL,
    "notional_micros" BIGINT NOT NULL,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "chain_log_pkey" PRIMARY KEY ("block_hash","log_index")
);

-- CreateTable
CREATE TABLE "ingest"."chain_cursor" (
    "chain_id" INTEGER NOT NULL,
    "block_number" BIGINT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "chain_cursor_pkey" PRIMARY KEY ("chain_id")
);

-- CreateTable
CREATE TABLE "ingest"."removal" (
    "base_id" TEXT NOT NULL,
    "removal" INTEGER NOT NULL,
    "leader_id" TEXT NOT NULL,
    "wallet" TEXT NOT NULL,
    "token_id" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "transaction_hash" TEXT NOT NULL,
    "size_micros" BIGINT NOT NULL,
    "notional_micros" BIGINT NOT NULL,
    "removed_at" TIMESTAMPTZ(3) NOT NULL,
    "restored_size_micros" BIGINT NOT NULL DEFAULT 0,
    "restored_notional_micros" BIGINT NOT NULL DEFAULT 0,
    "restored_at" TIMESTAMPTZ(3),

    CONSTRAINT "removal_pkey" PRIMARY KEY ("base_id","removal")
);

-- CreateTable
CREATE TABLE "ingest"."leader_activity" (
    "activity_id" TEXT NOT NULL,
    "leader_id" TEXT NOT NULL,
    "wallet" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "token_id" TEXT,
    "condition_id" TEXT,
    "size_micros" BIGINT NOT NULL,
    "notional_micros" BIGINT NOT NULL,
    "transaction_hash" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "detected_at" TIMESTAMPTZ(3) NOT NULL,
    "source" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "leader_activity_pkey" PRIMARY KEY ("activity_id")
);

-- CreateTable
CREATE TABLE "ingest"."cursor" (
    "wallet" TEXT NOT NULL,
    "leader_id" TEXT NOT NULL,
    "followed_at" TIMESTAMPTZ(3) NOT NULL,
    "baseline_done" BOOLEAN NOT NULL,
    "read_through" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "cursor_pkey" PRIMARY KEY ("wallet")
);

-- CreateTable
CREATE TABLE "ingest"."market" (
    "token_id" TEXT NOT NULL,
    "condition_id" TEXT NOT NULL,
    "body" JSONB NOT NULL,
    "version" TEXT NOT NULL,
    "fetched_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "market_pkey" PRIMARY KEY ("token_id")
);

-- CreateTable
CREATE TABLE "ingest"."resolution" (
    "condition_id" TEXT NOT NULL,
    "body" JSONB NOT NULL,
    "resolved_at" TIMESTAMPTZ(3) NOT NULL,
    "published_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "resolution_pkey" PRIMARY KEY ("condition_id")
);

-- CreateTable
CREATE TABLE "ingest"."outbox" (
    "seq" BIGSERIAL NOT NULL,
    "channel" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "message_id" TEXT,
    "headers" JSONB NOT NULL,
    "payload" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "live"."live_order" (
    "idempotency_key" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "intent_id" TEXT NOT NULL,
    "attempt_id" TEXT NOT NULL,
    "leader_id" TEXT NOT NULL,
    "token_id" TEXT NOT NULL,
    "condition_id" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "reason" TEXT,
    "code" TEXT,
    "order_type" TEXT NOT NULL,
    "limit_price_micros" BIGINT NOT NULL,
    "leader_price_micros" BIGINT NOT NULL,
    "price_micros" BIGINT NOT NULL,
    "size_micros" BIGINT NOT NULL,
    "maker_micros" BIGINT NOT NULL,
    "taker_micros" BIGINT NOT NULL,
    "reserved_cash_micros" BIGINT NOT NULL,
    "reserved_shares_micros" BIGINT NOT NULL,
    "filled_size_micros" BIGINT NOT NULL,
    "filled_notional_micros" BIGINT NOT NULL,
    "fee_micros" BIGINT NOT NULL,
    "fill_count" INTEGER NOT NULL,
    "signed" JSONB,
    "sends" INTEGER NOT NULL,
    "claimed_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ask_at" TIMESTAMPTZ(3),
    "settled_at" TIMESTAMPTZ(3),
    "book" JSONB,
    "shadow" JSONB,
    "trace" JSONB NOT NULL,

    CONSTRAINT "live_order_pkey" PRIMARY KEY ("idempotency_key")
);

-- CreateTable
CREATE TABLE "live"."spending" (
    "scope" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "notional_micros" BIGINT NOT NULL,

    CONSTRAINT "spending_pkey" PRIMARY KEY ("scope","hour")
);

-- CreateTable
CREATE TABLE "live"."pause" (
    "scope" TEXT NOT NULL,
    "paused_at" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL,
    "order_id" TEXT,

    CONSTRAINT "pause_pkey" PRIMARY KEY ("scope")
);

-- CreateTable
CREATE TABLE "live"."outbox" (
    "seq" BIGSERIAL NOT NULL,
    "channel" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "message_id" TEXT,
    "headers" JSONB NOT NULL,
    "payload" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "paper"."paper_order" (
    "order_id" TEXT NOT NULL,
    "intent_id" TEXT NOT NULL,
    "attempt_id" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "leader_id" TEXT NOT NULL,
    "token_id" TEXT NOT NULL,
    "condition_id" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "reason" TEXT,
    "limit_price_micros" BIGINT NOT NULL,
    "leader_price_micros" BIGINT NOT NULL,
    "target_size_micros" BIGINT NOT NULL,
    "target_notional_micros" BIGINT NOT NULL,
    "size_micros" BIGINT NOT NULL,
    "filled_size_micros" BIGINT NOT NULL,
    "filled_notional_micros" BIGINT NOT NULL,
    "fee_micros" BIGINT NOT NULL,
    "fill_count" INTEGER NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "executed_at" TIMESTAMPTZ(3),
    "book" JSONB,
    "trace" JSONB NOT NULL,

    CONSTRAINT "paper_order_pkey" PRIMARY KEY ("order_id")
);

-- CreateTable
CREATE TABLE "paper"."paper_fill" (
    "fill_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "level" INTEGER NOT NULL,
    "token_id" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "price_micros" BIGINT NOT NULL,
    "size_micros" BIGINT NOT NULL,
    "notional_micros" BIGINT NOT NULL,
    "fee_micros" BIGINT NOT NULL,
    "executed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "paper_fill_pkey" PRIMARY KEY ("fill_id")
);

-- CreateTable
CREATE TABLE "paper"."outbox" (
    "seq" BIGSERIAL NOT NULL,
    "channel" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "message_id" TEXT,
    "headers" JSONB NOT NULL,
    "payload" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "portfolio"."ledger_entry" (
    "entry_id" BIGSERIAL NOT NULL,
    "mode" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "ref_id" TEXT NOT NULL,
    "entry_type" TEXT NOT NULL,
    "leader_id" TEXT,
    "token_id" TEXT,
    "condition_id" TEXT,
    "side" TEXT,
    "share_delta_micros" BIGINT NOT NULL,
    "cash_delta_micros" BIGINT NOT NULL,
    "fee_micros" BIGINT NOT NULL,
    "price_micros" BIGINT,
    "attempt_id" TEXT,
    "order_id" TEXT,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "booked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ledger_entry_pkey" PRIMARY KEY ("entry_id")
);

-- CreateTable
CREATE TABLE "portfolio"."account" (
    "mode" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "cash_micros" BIGINT NOT NULL,
    "deposited_micros" BIGINT NOT NULL,
    "realized_pnl_micros" BIGINT NOT NULL,
    "fees_micros" BIGINT NOT NULL,
    "version" BIGINT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "account_pkey" PRIMARY KEY ("mode","scope")
);

-- CreateTable
CREATE TABLE "portfolio"."position" (
    "position_id" BIGSERIAL NOT NULL,
    "mode" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "leader_id" TEXT,
    "token_id" TEXT NOT NULL,
    "condition_id" TEXT NOT NULL,
    "shares_micros" BIGINT NOT NULL,
    "cost_micros" BIGINT NOT NULL,
    "realized_pnl_micros" BIGINT NOT NULL,
    "fees_micros" BIGINT NOT NULL,
    "episode" INTEGER NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "mark_micros" BIGINT,
    "mark_at" TIMESTAMPTZ(3),
    "mark_source" TEXT,
    "version" BIGINT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "position_pkey" PRIMARY KEY ("position_id")
);

-- CreateTable
CREATE TABLE "portfolio"."attempt_execution" (
    "attempt_id" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "intent_id" TEXT NOT NULL,
    "order_id" TEXT NOT NULL,
    "leader_id" TEXT NOT NULL,
    "token_id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "reason" TEXT,
    "filled_size_micros" BIGINT NOT NULL,
    "filled_notional_micros" BIGINT NOT NULL,
    "fee_micros" BIGINT NOT NULL,
    "fill_count" INTEGER,
    "booked_fills" INTEGER NOT NULL,
    "final" BOOLEAN NOT NULL,
    "order_at" TIMESTAMPTZ(3),
    "executed_at" TIMESTAMPTZ(3),
    "booked_at" TIMESTAMPTZ(3) NOT NULL,
    "hops" JSONB NOT NULL,

    CONSTRAINT "attempt_execution_pkey" PRIMARY KEY ("attempt_id")
);

-- CreateTable
CREATE TABLE "portfolio"."baseline_position" (
    "scope" TEXT NOT NULL,
    "token_id" TEXT NOT NULL,
    "condition_id" TEXT NOT NULL,
    "shares_micros" BIGINT NOT NULL,
    "as_of" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "baseline_position_pkey" PRIMARY KEY ("scope","token_id")
);

-- CreateTable
CREATE TABLE "portfolio"."portfolio_snapshot" (
    "snapshot_id" BIGSERIAL NOT NULL,
    "mode" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "leader_id" TEXT,
    "bucket_time" TIMESTAMPTZ(3) NOT NULL,
    "cash_micros" BIGINT NOT NULL,
    "exposure_micros" BIGINT NOT NULL,
    "equity_micros" BIGINT,
    "realized_pnl_micros" BIGINT NOT NULL,
    "unrealized_pnl_micros" BIGINT,
    "fees_micros" BIGINT NOT NULL,
    "peak_profit_micros" BIGINT NOT NULL,
    "open_positions" INTEGER NOT NULL,
    "unpriced_positions" INTEGER NOT NULL,
    "taken_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "portfolio_snapshot_pkey" PRIMARY KEY ("snapshot_id")
);

-- CreateTable
CREATE TABLE "portfolio"."settlement" (
    "settlement_id" BIGSERIAL NOT NULL,
    "mode" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "leader_id" TEXT,
    "token_id" TEXT NOT NULL,
    "condition_id" TEXT NOT NULL,
    "episode" INTEGER NOT NULL,
    "numerator" TEXT NOT NULL,
    "denominator" TEXT NOT NULL,
    "shares_micros" BIGINT NOT NULL,
    "cash_delta_micros" BIGINT NOT NULL,
    "settled_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "settlement_pkey" PRIMARY KEY ("settlement_id")
);

-- CreateTable
CREATE TABLE "portfolio"."resolution" (
    "condition_id" TEXT NOT NULL,
    "body" JSONB NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "resolution_pkey" PRIMARY KEY ("condition_id")
);

-- CreateTable
CREATE TABLE "portfolio"."outbox" (
    "seq" BIGSERIAL NOT NULL,
    "channel" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "message_id" TEXT,
    "headers" JSONB NOT NULL,
    "payload" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("seq")
);

-- CreateIndex
CREATE UNIQUE INDEX "mode_config_mode_leader_id_key" ON "config"."mode_config"("mode", "leader_id") NULLS NOT DISTINCT;

-- CreateIndex
CREATE INDEX "group_part_mode_group_key_idx" ON "decider"."group_part"("mode", "group_key");

-- CreateIndex
CREATE UNIQUE INDEX "copy_attempt_intent_id_key" ON "decider"."copy_attempt"("intent_id");

-- CreateIndex
CREATE INDEX "copy_attempt_mode_decided_at_attempt_id_idx" ON "decider"."copy_attempt"("mode", "decided_at" DESC, "attempt_id" DESC);

-- CreateIndex
CREATE INDEX "copy_attempt_leader_id_decided_at_attempt_id_idx" ON "decider"."copy_attempt"("leader_id", "decided_at" DESC, "attempt_id" DESC);

-- CreateIndex
CREATE INDEX "copy_attempt_mode_decision_decided_at_attempt_id_idx" ON "decider"."copy_attempt"("mode", "decision", "decided_at" DESC, "attempt_id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "copy_attempt_mode_scope_leader_id_group_key_key" ON "decider"."copy_attempt"("mode", "scope", "leader_id", "group_key");

-- CreateIndex
CREATE INDEX "leader_trade_leader_id_occurred_at_trade_id_idx" ON "ingest"."leader_trade"("leader_id", "occurred_at" DESC, "trade_id" DESC);

-- CreateIndex
CREATE INDEX "leader_trade_wallet_occurred_at_idx" ON "ingest"."leader_trade"("wallet", "occurred_at");

-- CreateIndex
CREATE INDEX "leader_trade_base_id_idx" ON "ingest"."leader_trade"("base_id");

-- CreateIndex
CREATE INDEX "leader_trade_occurred_at_trade_id_idx" ON "ingest"."leader_trade"("occurred_at" DESC, "trade_id" DESC);

-- CreateIndex
CREATE INDEX "chain_log_block_number_idx" ON "ingest"."chain_log"("block_number");

-- CreateIndex
CREATE INDEX "copy_attempt_token_id_decided_at_attempt_id_idx" ON "decider"."copy_attempt"("token_id", "decided_at" DESC, "attempt_id" DESC);

-- CreateIndex
CREATE INDEX "copy_attempt_condition_id_decided_at_attempt_id_idx" ON "decider"."copy_attempt"("condition_id", "decided_at" DESC, "attempt_id" DESC);

-- CreateIndex
CREATE INDEX "copy_attempt_mode_reasons_decided_at_attempt_id_idx" ON "decider"."copy_attempt"("mode", "reasons", "decided_at" DESC, "attempt_id" DESC);

-- CreateIndex
CREATE INDEX "paper_fill_executed_at_fill_id_idx" ON "paper"."paper_fill"("executed_at" DESC, "fill_id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "leader_trade_transaction_hash_wallet_token_id_side_part_key" ON "ingest"."leader_trade"("transaction_hash", "wallet", "token_id", "side", "part");

-- CreateIndex
CREATE UNIQUE INDEX "live_order_order_id_key" ON "live"."live_order"("order_id");

-- CreateIndex
CREATE INDEX "live_order_scope_claimed_at_idempotency_key_idx" ON "live"."live_order"("scope", "claimed_at" DESC, "idempotency_key" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "live_order_intent_id_state_key" ON "live"."live_order"("intent_id", "state");

-- CreateIndex
CREATE UNIQUE INDEX "paper_order_intent_id_key" ON "paper"."paper_order"("intent_id");

-- CreateIndex
CREATE UNIQUE INDEX "paper_fill_order_id_level_key" ON "paper"."paper_fill"("order_id", "level");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_entry_mode_scope_ref_id_entry_type_key" ON "portfolio"."ledger_entry"("mode", "scope", "ref_id", "entry_type");

-- CreateIndex
CREATE INDEX "position_mode_scope_version_idx" ON "portfolio"."position"("mode", "scope", "version");

-- CreateIndex
CREATE UNIQUE INDEX "position_mode_scope_leader_id_token_id_key" ON "portfolio"."position"("mode", "scope", "leader_id", "token_id") NULLS NOT DISTINCT;

-- CreateIndex
CREATE UNIQUE INDEX "portfolio_snapshot_mode_scope_leader_id_bucket_time_key" ON "portfolio"."portfolio_snapshot"("mode", "scope", "leader_id", "bucket_time") NULLS NOT DISTINCT;

-- CreateIndex
CREATE UNIQUE INDEX "settlement_mode_scope_leader_id_token_id_condition_id_episo_key" ON "portfolio"."settlement"("mode", "scope", "leader_id", "token_id", "condition_id", "episode") NULLS NOT DISTINCT;

-- By hand: what only PostgreSQL can say.

-- What is still under way, however long the history is.
CREATE INDEX "leader_group_due_at_idx" ON "decider"."leader_group"("due_at") WHERE "status" <> 'DONE';
-- What came out of one bucket.
CREATE INDEX "leader_group_bucket_key_idx" ON "decider"."leader_group"("mode", "bucket_key") WHERE "bucket_key" IS NOT NULL;
CREATE INDEX "live_order_ask_at_idx" ON "live"."live_order"("scope", "ask_at") WHERE "ask_at" IS NOT NULL;
CREATE INDEX "live_order_open_idx" ON "live"."live_order"("scope") WHERE "settled_at" IS NULL;
CREATE INDEX "live_order_settled_at_idx" ON "live"."live_order"("scope", "settled_at") WHERE "settled_at" IS NOT NULL;
CREATE INDEX "paper_order_executed_at_idx" ON "paper"."paper_order"("executed_at") WHERE "executed_at" IS NOT NULL;
CREATE INDEX "paper_order_due_at_idx" ON "paper"."paper_order"("due_at") WHERE "status" = 'PENDING';

-- A live fill finds its attempt by the exchange's order id, and an announced order the fills that came before it.
CREATE INDEX "attempt_execution_live_order_idx" ON "portfolio"."attempt_execution"("scope", "order_id")
    WHERE "mode" = 'LIVE';
CREATE INDEX "ledger_entry_nobodys_order_idx" ON "portfolio"."ledger_entry"("mode", "scope", "order_id")
    WHERE "leader_id" IS NULL AND "order_id" IS NOT NULL;

-- The account's own series. `leader_id IS NULL` in the unique key finds its rows, but not in the order of time.
CREATE INDEX "portfolio_snapshot_account_idx" ON "portfolio"."portfolio_snapshot"("mode", "scope", "bucket_time")
    WHERE "leader_id" IS NULL;

ALTER TABLE "ingest"."leader_trade"
    ADD CHECK ("side" IN ('BUY', 'SELL')),
    ADD CHECK ("source" IN ('chain', 'rtds', 'data-api')),
    ADD CHECK ("part" >= 1),
    ADD CHECK ("size_micros" >= 0),
    ADD CHECK ("notional_micros" >= 0),
    ADD CHECK ("price_micros" BETWEEN 0 AND 1000000);

ALTER TABLE "ingest"."sighting"
    ADD CHECK ("source" IN ('chain', 'rtds', 'data-api')),
    ADD CHECK ("size_micros" >= 0);

ALTER TABLE "ingest"."chain_log"
    ADD CHECK ("side" IN ('BUY', 'SELL')),
    ADD CHECK ("size_micros" > 0),
    ADD CHECK ("notional_micros" >= 0);

ALTER TABLE "ingest"."removal"
    ADD CHECK ("removal" >= 1),
    ADD CHECK ("size_micros" > 0),
    ADD CHECK ("notional_micros" >= 0),
    ADD CHECK ("restored_size_micros" BETWEEN 0 AND "size_micros"),
    ADD CHECK ("restored_notional_micros" BETWEEN 0 AND "notional_micros");

ALTER TABLE "ingest"."leader_activity"
    ADD CHECK ("type" IN ('SPLIT', 'MERGE', 'REDEEM', 'CONVERSION', 'TRANSFER', 'OTHER')),
    ADD CHECK ("source" IN ('chain', 'rtds', 'data-api')),
    ADD CHECK ("size_micros" >= 0),
    ADD CHECK ("notional_micros" >= 0);

ALTER TABLE "decider"."leader_group"
    ADD CHECK ("side" IN ('BUY', 'SELL')),
    ADD CHECK ("mode" IN ('PAPER', 'LIVE')),
    ADD CHECK ("source" IN ('TRADES', 'BUFFER', 'CAPITAL_STOP')),
    ADD CHECK ("status" IN ('OPEN', 'WAITING', 'BUFFERED', 'DONE')),
    ADD CONSTRAINT "leader_group_buffered_check" CHECK (num_nulls("scaled_micros", "buffered_at", "bucket_key") IN (0, 3)),
    ADD CHECK ("scaled_micros" >= 0),
    ADD CHECK ("size_micros" >= 0),
    ADD CHECK ("notional_micros" >= 0),
    ADD CHECK ("leader_held_micros" >= 0),
    ADD CHECK ("part_count" >= 0);

ALTER TABLE "decider"."leader_position"
    ADD CHECK ("size_micros" >= 0);

ALTER TABLE "decider"."group_part"
    ADD CHECK ("mode" IN ('PAPER', 'LIVE')),
    ADD CHECK ("size_micros" >= 0),
    ADD CHECK ("notional_micros" >= 0);

ALTER TABLE "decider"."copy_attempt"
    ADD CHECK ("mode" IN ('PAPER', 'LIVE')),
    ADD CHECK ("side" IN ('BUY', 'SELL')),
    ADD CHECK ("source_type" IN ('IMMEDIATE', 'AGGREGATOR', 'BUFFER', 'CAPITAL_STOP')),
    ADD CONSTRAINT "copy_attempt_decision_check" CHECK (
        ("decision" = 'EXECUTE' AND "intent_id" IS NOT NULL AND cardinality("reasons") = 0)
        OR ("decision" = 'SKIP' AND "intent_id" IS NULL AND cardinality("reasons") > 0)
    ),
    ADD CHECK (cardinality("trade_ids") > 0 OR "source_type" = 'CAPITAL_STOP'),
    ADD CHECK ("leader_size_micros" >= 0),
    ADD CHECK ("leader_notional_micros" >= 0),
    ADD CHECK ("leader_price_micros" BETWEEN 0 AND 1000000),
    ADD CHECK ("target_notional_micros" >= 0),
    ADD CHECK ("target_size_micros" >= 0),
    ADD CHECK ("limit_price_micros" BETWEEN 0 AND 1000000);

ALTER TABLE "decider"."capital_stop"
    ADD CHECK ("mode" IN ('PAPER', 'LIVE')),
    ADD CHECK ("action" IN ('pause', 'close')),
    ADD CONSTRAINT "capital_stop_trip_check" CHECK (num_nulls("tripped_at", "action") IN (0, 2));

ALTER TABLE "decider"."desk"
    ADD CHECK ("id" = 1);

ALTER TABLE "paper"."paper_order"
    ADD CHECK ("side" IN ('BUY', 'SELL')),
    ADD CHECK ("status" IN ('PENDING', 'PARTIAL', 'FILLED', 'CANCELED', 'REJECTED')),
    ADD CHECK ("limit_price_micros" BETWEEN 0 AND 1000000),
    ADD CHECK ("leader_price_micros" BETWEEN 0 AND 1000000),
    ADD CHECK ("target_size_micros" >= 0),
    ADD CHECK ("target_notional_micros" >= 0),
    ADD CHECK ("size_micros" >= 0),
    ADD CHECK ("filled_size_micros" >= 0),
    ADD CHECK ("filled_notional_micros" >= 0),
    ADD CHECK ("fee_micros" >= 0),
    ADD CHECK ("fill_count" >= 0);

ALTER TABLE "paper"."paper_fill"
    ADD CHECK ("side" IN ('BUY', 'SELL')),
    ADD CHECK ("level" >= 0),
    ADD CHECK ("price_micros" BETWEEN 0 AND 1000000),
    ADD CHECK ("size_micros" > 0),
    ADD CHECK ("notional_micros" >= 0),
    ADD CHECK ("fee_micros" >= 0);

ALTER TABLE "live"."spending"
    ADD CHECK ("notional_micros" >= 0);

ALTER TABLE "live"."live_order"
    ADD CHECK ("state" IN ('SHADOW', 'ON')),
    ADD CHECK ("side" IN ('BUY', 'SELL')),
    ADD CHECK ("status" IN (
        'SUBMITTING', 'SUBMISSION_UNKNOWN', 'OPEN', 'PARTIAL', 'FILLED', 'CANCELED', 'REJECTED', 'SHADOW_ONLY', 'SKIPPED'
    )),
    ADD CONSTRAINT "live_order_settled_check" CHECK (
        ("settled_at" IS NOT NULL) = ("status" IN ('FILLED', 'CANCELED', 'REJECTED', 'SHADOW_ONLY', 'SKIPPED'))
    ),
    ADD CONSTRAINT "live_order_reservation_check" CHECK (
        "settled_at" IS NULL OR ("reserved_cash_micros" = 0 AND "reserved_shares_micros" = 0)
    ),
    ADD CONSTRAINT "live_order_shadow_check" CHECK ("state" = 'ON' OR ("signed" IS NULL AND "sends" = 0)),
    ADD CHECK ("version" >= 1),
    ADD CHECK ("price_micros" BETWEEN 0 AND 1000000),
    ADD CHECK ("size_micros" >= 0),
    ADD CHECK ("maker_micros" >= 0),
    ADD CHECK ("taker_micros" >= 0),
    ADD CHECK ("reserved_cash_micros" >= 0),
    ADD CHECK ("reserved_shares_micros" >= 0),
    ADD CHECK ("filled_size_micros" >= 0),
    ADD CHECK ("filled_notional_micros" >= 0),
    ADD CHECK ("sends" >= 0);

ALTER TABLE "portfolio"."ledger_entry"
    ADD CHECK ("mode" IN ('PAPER', 'LIVE')),
    ADD CHECK ("side" IN ('BUY', 'SELL')),
    ADD CHECK ("entry_type" IN (
        'TRADE_FILL', 'TRADE_FILL_REVERSAL', 'DEPOSIT', 'WITHDRAWAL', 'SETTLEMENT', 'REDEEM', 'FEE'
    )),
    ADD CHECK ("price_micros" BETWEEN 0 AND 1000000);

ALTER TABLE "portfolio"."account"
    ADD CHECK ("mode" IN ('PAPER', 'LIVE'));

ALTER TABLE "portfolio"."position"
    ADD CHECK ("mode" IN ('PAPER', 'LIVE')),
    ADD CONSTRAINT "position_shares_check" CHECK ("mode" = 'LIVE' OR "shares_micros" >= 0),
    ADD CHECK ("mark_micros" BETWEEN 0 AND 1000000),
    ADD CONSTRAINT "position_mark_check" CHECK (num_nulls("mark_micros", "mark_at", "mark_source") IN (0, 3)),
    ADD CHECK ("episode" >= 0);

ALTER TABLE "portfolio"."baseline_position"
    ADD CHECK ("shares_micros" >= 0);

ALTER TABLE "portfolio"."attempt_execution"
    ADD CHECK ("mode" IN ('PAPER', 'LIVE')),
    ADD CHECK ("filled_size_micros" >= 0),
    ADD CHECK ("filled_notional_micros" >= 0),
    ADD CHECK ("fill_count" >= 0),
    ADD CHECK ("booked_fills" >= 0);

ALTER TABLE "portfolio"."portfolio_snapshot"
    ADD CHECK ("mode" IN ('PAPER', 'LIVE')),
    ADD CHECK ("exposure_micros" >= 0),
    ADD CONSTRAINT "portfolio_snapshot_peak_check" CHECK (
        "peak_profit_micros" >= greatest(0, "realized_pnl_micros" + "unrealized_pnl_micros" - "fees_micros")
    ),
    ADD CHECK ("open_positions" >= 0),
    ADD CHECK ("unpriced_positions" BETWEEN 0 AND "open_positions");

ALTER TABLE "portfolio"."settlement"
    ADD CHECK ("mode" IN ('PAPER', 'LIVE')),
    ADD CHECK ("numerator" ~ '^[0-9]{1,78}$'),
    ADD CHECK ("denominator" ~ '^[1-9][0-9]{0,77}$');

ALTER TABLE "config"."leader"
    ADD CHECK ("live_override" IN ('INHERIT', 'FORCE_ON', 'FORCE_OFF')),
    ADD CHECK ("version" >= 1);

ALTER TABLE "config"."mode_config"
    ADD CHECK ("mode" IN ('PAPER', 'LIVE'));

ALTER TABLE "config"."system_switches"
    ADD CONSTRAINT "system_switches_one_row_check" CHECK ("id" = 1),
    ADD CHECK ("live_trading_state" IN ('OFF', 'SHADOW', 'ON')),
    ADD CHECK ("version" >= 1);

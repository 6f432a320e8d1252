-- Append-only history. A repeated command repeats its event_id, so that it adds nothing.
CREATE TABLE IF NOT EXISTS polo.aws_account_events (
  event_id String,
  account_id String, -- '' for the whole organization
  at DateTime64(3),
  kind LowCardinality(String),
  from_status LowCardinality(String),
  to_status LowCardinality(String),
  reason String,
  actor String,
  until DateTime64(3), -- 1970 = none
  workflow_id String,
  run_id String
) ENGINE = ReplacingMergeTree ORDER BY (account_id, event_id)

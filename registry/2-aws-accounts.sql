-- One row per AWS account, replaced whole by each write; the highest _version counts.
CREATE TABLE IF NOT EXISTS polo.aws_accounts (
  account_id String,
  account_name String,
  account_email String DEFAULT '',
  org_unit String DEFAULT '',
  polo_status LowCardinality(String), -- 'active', 'pending_setup', 'no_access', 'excluded'
  polo_read_role String DEFAULT '',
  polo_action_role String DEFAULT '',
  last_successful_scan DateTime64(3), -- 1970 = never
  last_scan_error String DEFAULT '',
  account_role LowCardinality(String) DEFAULT '',
  owner String DEFAULT '',
  discovered_at DateTime64(3),
  updated_at DateTime64(3),
  _version UInt64
) ENGINE = ReplacingMergeTree(_version) ORDER BY (account_id)

-- The organization, its units and its accounts. Keyed by node_id alone, so that a node that moves leaves no second row.
CREATE TABLE IF NOT EXISTS polo.hierarchy_nodes (
  node_id String,
  node_type LowCardinality(String), -- 'organization', 'organizational_unit', 'account'
  parent_id String, -- '' for the organization
  name String,
  path Array(String), -- names, from the first unit to the node itself
  is_active UInt8,
  updated_at DateTime64(3),
  _version UInt64
) ENGINE = ReplacingMergeTree(_version) ORDER BY node_id

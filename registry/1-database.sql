-- `polo` stands for the database that CLICKHOUSE_DATABASE names; the worker puts it in.
CREATE DATABASE IF NOT EXISTS polo

-- How many requests each replica may let through until a moment, in shares: a caller's limit holds over all of them without a
-- write for each request. Callers stand here as keyed digests.
CREATE TABLE request_lease (
  holder  TEXT NOT NULL,
  rule    TEXT NOT NULL,
  ends_at TEXT NOT NULL,
  taken   INTEGER NOT NULL CHECK (taken >= 0),
  PRIMARY KEY (holder, rule, ends_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_lease_by_end ON request_lease (ends_at);

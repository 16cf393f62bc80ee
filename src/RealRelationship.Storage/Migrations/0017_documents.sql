-- Documents of the operator: what the service says of itself, signed judgements, statements for practice. Each version is a row, whole; the latest one
-- counts. `evidence` is the evidence revision at which it was put, `actor` the key that put it.
CREATE TABLE document_version (
  name          TEXT NOT NULL,
  version       INTEGER NOT NULL CHECK (version >= 1),
  tenant        TEXT NOT NULL,
  actor         TEXT NOT NULL,
  change_number INTEGER NOT NULL,
  evidence      INTEGER NOT NULL,
  recorded_at   TEXT NOT NULL,
  content       TEXT NOT NULL,
  row_hash      BLOB NOT NULL CHECK (length(row_hash) = 32),
  PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_version_by_change ON document_version (change_number);

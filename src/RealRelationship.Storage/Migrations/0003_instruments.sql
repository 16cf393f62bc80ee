-- What a site declared of its instruments: one of its own, or the scoring key of one that the service ships. Each version
-- is a row, whole, so that a score can always be traced to how it was scored; the latest one counts. `change_number` is
-- its place in the change log, and tells readers whether what they hold is still current.
CREATE TABLE instrument_version (
  tenant        TEXT NOT NULL,
  code          TEXT NOT NULL,
  version       INTEGER NOT NULL CHECK (version >= 1),
  change_number INTEGER NOT NULL,
  recorded_at   TEXT NOT NULL,
  content       TEXT NOT NULL,
  row_hash      BLOB NOT NULL CHECK (length(row_hash) = 32),
  PRIMARY KEY (tenant, code, version)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX instrument_version_by_change ON instrument_version (tenant, change_number);

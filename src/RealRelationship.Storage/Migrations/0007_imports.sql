-- Streams of sessions that were taken over whole and are stored in the background: how far each has come, in the transaction of the
-- sessions themselves, and what was wrong with single lines.
CREATE TABLE session_import (
  id          TEXT NOT NULL,
  tenant      TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  received_at TEXT NOT NULL,
  finished_at TEXT,
  line        INTEGER NOT NULL CHECK (line >= 0),
  accepted    INTEGER NOT NULL CHECK (accepted >= 0),
  rejected    INTEGER NOT NULL CHECK (rejected >= 0),
  PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE session_import_line (
  id     TEXT NOT NULL REFERENCES session_import (id),
  line   INTEGER NOT NULL CHECK (line >= 1),
  tenant TEXT NOT NULL,
  status INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (id, line)
) STRICT, WITHOUT ROWID;

--postgres ALTER TABLE session_import ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON session_import USING (current_setting('realrelationship.site', true) IN (tenant, '*'));
--postgres ALTER TABLE session_import_line ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON session_import_line USING (current_setting('realrelationship.site', true) IN (tenant, '*'));

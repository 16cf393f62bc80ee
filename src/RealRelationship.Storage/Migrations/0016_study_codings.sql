-- What further coders read from the publication of a study, independently of the study's own coding. Each version is a row; the latest one counts.
-- `coder` is the name without case and accents.
CREATE TABLE study_coding (
  study_key     TEXT NOT NULL,
  coder         TEXT NOT NULL,
  version       INTEGER NOT NULL CHECK (version >= 1),
  tenant        TEXT NOT NULL,
  change_number INTEGER NOT NULL,
  recorded_at   TEXT NOT NULL,
  actor         TEXT NOT NULL,
  content       TEXT NOT NULL,
  row_hash      BLOB NOT NULL CHECK (length(row_hash) = 32),
  PRIMARY KEY (study_key, coder, version)
) STRICT, WITHOUT ROWID;

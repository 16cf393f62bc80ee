-- One row for each version of a measure that its source sent. Keys of the sender stand here as keyed hashes only; scores, times
-- and whatever else belongs to the site are sealed. A withdrawal may come before what it withdraws, and then has no patient.
CREATE TABLE measure_version (
  tenant       TEXT NOT NULL,
  measure      BLOB NOT NULL CHECK (length(measure) = 20),
  version      INTEGER NOT NULL CHECK (version >= 1),
  withdraws    INTEGER NOT NULL CHECK (withdraws IN (0, 1)),
  patient      BLOB CHECK (length(patient) = 20),
  log          INTEGER NOT NULL,
  recorded_at  TEXT NOT NULL,
  content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
  sealed       BLOB NOT NULL,
  CHECK ((patient IS NULL) = (withdraws = 1)),
  PRIMARY KEY (tenant, measure, version, withdraws)
) STRICT, WITHOUT ROWID;
CREATE INDEX measure_version_by_patient ON measure_version (tenant, patient);

-- Stage 1, computed from the above and at any time computable again: each patient's current scores, the running sums of each
-- cell and therapist, how many people each cell rests on, and what was left out.
CREATE TABLE patient_record (
  tenant  TEXT NOT NULL,
  patient BLOB NOT NULL CHECK (length(patient) = 20),
  sealed  BLOB NOT NULL,
  PRIMARY KEY (tenant, patient)
) STRICT, WITHOUT ROWID;

CREATE TABLE stratum_sum (
  tenant  TEXT NOT NULL,
  cell    TEXT NOT NULL,
  stratum BLOB NOT NULL CHECK (length(stratum) = 20),
  sealed  BLOB NOT NULL,
  PRIMARY KEY (tenant, cell, stratum)
) STRICT, WITHOUT ROWID;

CREATE TABLE cell_sum (
  tenant TEXT NOT NULL,
  cell   TEXT NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (tenant, cell)
) STRICT, WITHOUT ROWID;

CREATE TABLE site_count (
  tenant TEXT NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (tenant)
) STRICT, WITHOUT ROWID;

-- What of a site's associations anybody may see: frozen numbers, each release replacing the one before.
CREATE TABLE release (
  tenant      TEXT NOT NULL,
  number      INTEGER NOT NULL CHECK (number >= 1),
  evidence    INTEGER NOT NULL,
  recorded_at TEXT NOT NULL,
  content     TEXT NOT NULL,
  row_hash    BLOB NOT NULL CHECK (length(row_hash) = 32),
  PRIMARY KEY (tenant, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX release_by_evidence ON release (evidence);

-- Patients who were erased: what is sent for them again is refused. The change of an erasure says which changes lost their
-- subjects by it, so that the chain of the log explains every one that is missing.
CREATE TABLE erasure (
  tenant    TEXT NOT NULL,
  patient   BLOB NOT NULL CHECK (length(patient) = 20),
  log       INTEGER NOT NULL,
  erased_at TEXT NOT NULL,
  PRIMARY KEY (tenant, patient)
) STRICT, WITHOUT ROWID;

CREATE TABLE erased_change (
  number  INTEGER PRIMARY KEY,
  erasure INTEGER NOT NULL
) STRICT;
CREATE INDEX erased_change_by_erasure ON erased_change (erasure, number);

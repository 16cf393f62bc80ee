-- What a site declared of its source systems. Each version is a row, whole; the latest one counts.
CREATE TABLE source_version (
  tenant        TEXT NOT NULL,
  version       INTEGER NOT NULL CHECK (version >= 1),
  change_number INTEGER NOT NULL,
  recorded_at   TEXT NOT NULL,
  content       TEXT NOT NULL,
  row_hash      BLOB NOT NULL CHECK (length(row_hash) = 32),
  PRIMARY KEY (tenant, version)
) STRICT, WITHOUT ROWID;

-- Keys of source systems that share them: which pseudonym stands for which. Sessions are linked within a patient (`owner`), therapists and
-- patients within the site (an owner of zeros).
CREATE TABLE key_link (
  tenant TEXT NOT NULL,
  owner  BLOB NOT NULL CHECK (length(owner) = 20),
  alias  BLOB NOT NULL CHECK (length(alias) = 20),
  target BLOB NOT NULL CHECK (length(target) = 20),
  PRIMARY KEY (tenant, owner, alias)
) STRICT, WITHOUT ROWID;
CREATE INDEX key_link_by_target ON key_link (tenant, owner, target);

-- Contents that contradicted a stored version of a measure, by day: whoever may write, but not read, guesses a score by them.
CREATE TABLE content_conflict (
  tenant       TEXT NOT NULL,
  measure      BLOB NOT NULL CHECK (length(measure) = 20),
  version      INTEGER NOT NULL CHECK (version >= 1),
  day          TEXT NOT NULL,
  content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
  PRIMARY KEY (tenant, measure, version, day, content_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_conflict_by_day ON content_conflict (tenant, day);

-- Associations that left all releases of a site, past ones too, because too few of their patients are left.
CREATE TABLE withdrawal (
  tenant      TEXT NOT NULL,
  number      INTEGER NOT NULL CHECK (number >= 1),
  evidence    INTEGER NOT NULL,
  recorded_at TEXT NOT NULL,
  cell        TEXT NOT NULL,
  row_hash    BLOB NOT NULL CHECK (length(row_hash) = 32),
  PRIMARY KEY (tenant, number)
) STRICT, WITHOUT ROWID;

-- The lineage of a key is kept by `keys rotate`; that of a key of 0.1 is its id. A key may be bound to a source system.
ALTER TABLE api_key ADD COLUMN lineage TEXT;
ALTER TABLE api_key ADD COLUMN source_system TEXT;
ALTER TABLE api_key ADD COLUMN time_zone TEXT;
ALTER TABLE session_import ADD COLUMN lineage TEXT;
ALTER TABLE session_import ADD COLUMN source_system TEXT;
ALTER TABLE session_import ADD COLUMN time_zone TEXT;

--postgres ALTER TABLE source_version ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON source_version USING (current_setting('realrelationship.site', true) IN (tenant, '*'));
--postgres ALTER TABLE key_link ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON key_link USING (current_setting('realrelationship.site', true) IN (tenant, '*'));
--postgres ALTER TABLE content_conflict ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON content_conflict USING (current_setting('realrelationship.site', true) IN (tenant, '*'));
--postgres ALTER TABLE source_version FORCE ROW LEVEL SECURITY;
--postgres ALTER TABLE key_link FORCE ROW LEVEL SECURITY;
--postgres ALTER TABLE content_conflict FORCE ROW LEVEL SECURITY;

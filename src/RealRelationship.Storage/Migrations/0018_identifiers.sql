-- Every further identifier that a message ever gave for a measure, or for a response whose forms are measures (`target`), as a keyed hash: a message with
-- any of them is a version of it. An identifier with two targets belongs to several measures and tells none apart. `patient` is that of the measure; a
-- withdrawal that came first has none.
CREATE TABLE measure_identifier (
  tenant     TEXT NOT NULL,
  identifier BLOB NOT NULL CHECK (length(identifier) = 20),
  target     BLOB NOT NULL CHECK (length(target) = 20),
  patient    BLOB CHECK (length(patient) = 20),
  mac        BLOB NOT NULL CHECK (length(mac) = 32),
  PRIMARY KEY (tenant, identifier, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX measure_identifier_by_patient ON measure_identifier (tenant, patient, target);

-- Scores that files of the last export of a source system had as they were stored: the first eight bytes of each key. Another file of the export may not
-- have another score of one of them.
CREATE TABLE csv_unchanged (
  tenant      TEXT NOT NULL,
  system      BLOB NOT NULL CHECK (length(system) = 20),
  id          TEXT NOT NULL,
  exported_at INTEGER NOT NULL,
  measures    BLOB NOT NULL,
  mac         BLOB NOT NULL CHECK (length(mac) = 32),
  PRIMARY KEY (tenant, system, id)
) STRICT, WITHOUT ROWID;

--postgres ALTER TABLE measure_identifier ENABLE ROW LEVEL SECURITY;
--postgres ALTER TABLE measure_identifier FORCE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON measure_identifier USING (current_setting('realrelationship.site', true) IN (tenant, '*'));
--postgres ALTER TABLE csv_unchanged ENABLE ROW LEVEL SECURITY;
--postgres ALTER TABLE csv_unchanged FORCE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON csv_unchanged USING (current_setting('realrelationship.site', true) IN (tenant, '*'));

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

-- The last export, in microseconds since 1970, with a file that had the score: another score of the same key in another file of it is noticed.
ALTER TABLE csv_measure ADD COLUMN exported_at INTEGER;

--postgres ALTER TABLE measure_identifier ENABLE ROW LEVEL SECURITY;
--postgres ALTER TABLE measure_identifier FORCE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON measure_identifier USING (current_setting('realrelationship.site', true) IN (tenant, '*'));

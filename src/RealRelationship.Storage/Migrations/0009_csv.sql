-- Scores that came as rows of CSV files and are not withdrawn, with the keyed hash of their local day: a file that declares itself complete withdraws
-- those of its period that it does not have.
CREATE TABLE csv_measure (
  tenant  TEXT NOT NULL,
  measure BLOB NOT NULL CHECK (length(measure) = 20),
  day     BLOB NOT NULL CHECK (length(day) = 20),
  PRIMARY KEY (tenant, measure)
) STRICT, WITHOUT ROWID;
CREATE INDEX csv_measure_by_day ON csv_measure (tenant, day);

-- When the last CSV file of each source system was exported, in microseconds since 1970.
CREATE TABLE csv_export (
  tenant      TEXT NOT NULL,
  system      BLOB NOT NULL CHECK (length(system) = 20),
  exported_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, system)
) STRICT, WITHOUT ROWID;
--postgres ALTER TABLE csv_measure ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON csv_measure USING (current_setting('realrelationship.site', true) IN (tenant, '*'));
--postgres ALTER TABLE csv_export ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON csv_export USING (current_setting('realrelationship.site', true) IN (tenant, '*'));

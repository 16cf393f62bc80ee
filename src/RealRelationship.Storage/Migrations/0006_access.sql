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

-- Who did or read what of a site's data, by the minute; the hash in the change of that number covers the entries.
CREATE TABLE access_entry (
  number    INTEGER NOT NULL REFERENCES change (number),
  position  INTEGER NOT NULL CHECK (position >= 0),
  tenant    TEXT NOT NULL,
  minute    TEXT NOT NULL,
  actor     TEXT NOT NULL,
  operation TEXT NOT NULL,
  status    INTEGER NOT NULL,
  requests  INTEGER NOT NULL CHECK (requests >= 1),
  PRIMARY KEY (number, position)
) STRICT, WITHOUT ROWID;

-- PostgreSQL's second wall, for a service that is not the owner of the tables: of site data it sees the rows of the site that the
-- transaction named. A transaction that named none sees nothing.
--postgres ALTER TABLE measure_version ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON measure_version USING (current_setting('realrelationship.site', true) IN (tenant, '*'));
--postgres ALTER TABLE patient_record ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON patient_record USING (current_setting('realrelationship.site', true) IN (tenant, '*'));
--postgres ALTER TABLE stratum_sum ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON stratum_sum USING (current_setting('realrelationship.site', true) IN (tenant, '*'));
--postgres ALTER TABLE cell_sum ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON cell_sum USING (current_setting('realrelationship.site', true) IN (tenant, '*'));
--postgres ALTER TABLE site_count ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON site_count USING (current_setting('realrelationship.site', true) IN (tenant, '*'));
--postgres ALTER TABLE erasure ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON erasure USING (current_setting('realrelationship.site', true) IN (tenant, '*'));
--postgres ALTER TABLE instrument_version ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON instrument_version USING (current_setting('realrelationship.site', true) IN (tenant, '*'));
--postgres ALTER TABLE access_entry ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON access_entry USING (current_setting('realrelationship.site', true) IN (tenant, '*'));

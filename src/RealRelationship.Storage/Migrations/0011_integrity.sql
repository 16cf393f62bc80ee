-- What is stored of a key, a release, an instrument or an erasure is compared with the last change of its subject whenever it is used.
-- Measures, of which there are millions, carry the number of their change instead.
CREATE INDEX change_subject_by_subject ON change_subject (subject, version) WHERE subject < 'measure/' OR subject >= 'measure0';

-- Rows that are no part of the history carry a keyed hash of their own.
ALTER TABLE idempotency ADD COLUMN mac BLOB CHECK (length(mac) = 32);
ALTER TABLE session_import ADD COLUMN mac BLOB CHECK (length(mac) = 32);
ALTER TABLE session_import_line ADD COLUMN mac BLOB CHECK (length(mac) = 32);
ALTER TABLE csv_measure ADD COLUMN mac BLOB CHECK (length(mac) = 32);
ALTER TABLE csv_export ADD COLUMN mac BLOB CHECK (length(mac) = 32);

-- Files beside the store name it in their lines; a restore gives it another identity.
ALTER TABLE store ADD COLUMN identity TEXT;
ALTER TABLE store ADD COLUMN identity_mac BLOB CHECK (length(identity_mac) = 32);

-- Row-level security holds for the owner of the tables, too; migrations, backups and copies name all sites.
--postgres ALTER TABLE measure_version FORCE ROW LEVEL SECURITY;
--postgres ALTER TABLE patient_record FORCE ROW LEVEL SECURITY;
--postgres ALTER TABLE stratum_sum FORCE ROW LEVEL SECURITY;
--postgres ALTER TABLE cell_sum FORCE ROW LEVEL SECURITY;
--postgres ALTER TABLE site_count FORCE ROW LEVEL SECURITY;
--postgres ALTER TABLE erasure FORCE ROW LEVEL SECURITY;
--postgres ALTER TABLE instrument_version FORCE ROW LEVEL SECURITY;
--postgres ALTER TABLE access_entry FORCE ROW LEVEL SECURITY;
--postgres ALTER TABLE session_import FORCE ROW LEVEL SECURITY;
--postgres ALTER TABLE session_import_line FORCE ROW LEVEL SECURITY;
--postgres ALTER TABLE undeclared_items FORCE ROW LEVEL SECURITY;
--postgres ALTER TABLE csv_measure FORCE ROW LEVEL SECURITY;
--postgres ALTER TABLE csv_export FORCE ROW LEVEL SECURITY;

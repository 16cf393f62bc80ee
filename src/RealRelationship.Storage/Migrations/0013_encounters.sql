-- What the encounter of a session said last: its therapist, treatment and number, for scores of the session that come before or after it.
CREATE TABLE session_encounter (
  tenant  TEXT NOT NULL,
  session BLOB NOT NULL CHECK (length(session) = 20),
  patient BLOB NOT NULL CHECK (length(patient) = 20),
  version INTEGER NOT NULL CHECK (version >= 1),
  sealed  BLOB NOT NULL,
  PRIMARY KEY (tenant, session)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_encounter_by_patient ON session_encounter (tenant, patient);

-- The rule of content_hash: 1 is that of release 0.1, which hashed a message with its encounter; 2 hashes what was sent.
ALTER TABLE measure_version ADD COLUMN hash_version INTEGER NOT NULL DEFAULT 1 CHECK (hash_version IN (1, 2));

--postgres ALTER TABLE session_encounter ENABLE ROW LEVEL SECURITY;
--postgres ALTER TABLE session_encounter FORCE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON session_encounter USING (current_setting('realrelationship.site', true) IN (tenant, '*'));

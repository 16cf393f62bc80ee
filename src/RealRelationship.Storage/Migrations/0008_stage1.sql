-- Instruments of which a site sent items to release 0.1, which read them as raw answers though the form prints keyed numbers. Which of the two
-- its systems send, the site declares; until then the items take no part. Stage 1 is computed anew with this step.
CREATE TABLE undeclared_items (
  tenant     TEXT NOT NULL,
  instrument TEXT NOT NULL,
  PRIMARY KEY (tenant, instrument)
) STRICT, WITHOUT ROWID;
--postgres ALTER TABLE undeclared_items ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON undeclared_items USING (current_setting('realrelationship.site', true) IN (tenant, '*'));

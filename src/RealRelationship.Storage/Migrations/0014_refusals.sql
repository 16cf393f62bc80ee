-- How many measures of a site were refused, by day (UTC) and error code: nothing of what was sent.
CREATE TABLE refusal_count (
  tenant  TEXT NOT NULL,
  day     TEXT NOT NULL CHECK (length(day) = 10),
  reason  TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 64),
  refused INTEGER NOT NULL CHECK (refused >= 1),
  PRIMARY KEY (tenant, day, reason)
) STRICT, WITHOUT ROWID;

--postgres ALTER TABLE refusal_count ENABLE ROW LEVEL SECURITY;
--postgres CREATE POLICY site ON refusal_count USING (current_setting('realrelationship.site', true) IN (tenant, '*'));
--postgres ALTER TABLE refusal_count FORCE ROW LEVEL SECURITY;

-- The history becomes a hash chain. Each entry holds a keyed digest of what changed, never the content; what the digest
-- was made of stands in a row beside it, which erasure deletes while the chain stays whole.
ALTER TABLE change RENAME TO change_before_chain;
DROP INDEX change_by_evidence;
DROP INDEX change_by_instant;

CREATE TABLE change (
  number      INTEGER PRIMARY KEY CHECK (number >= 1),
  evidence    INTEGER NOT NULL CHECK (evidence >= 0 AND evidence <= number),
  moves       INTEGER NOT NULL CHECK (moves IN (0, 1)),
  recorded_at TEXT NOT NULL,
  tenant      TEXT NOT NULL,
  kind        TEXT NOT NULL,
  digest      BLOB NOT NULL CHECK (length(digest) = 32),
  chain       BLOB NOT NULL CHECK (length(chain) = 32)
) STRICT;
CREATE UNIQUE INDEX change_by_evidence ON change (evidence) WHERE moves = 1;
CREATE INDEX change_by_instant ON change (recorded_at, evidence);

CREATE TABLE change_subject (
  number       INTEGER PRIMARY KEY REFERENCES change (number),
  subject      TEXT NOT NULL,
  version      INTEGER NOT NULL CHECK (version >= 1),
  content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
  salt         BLOB NOT NULL CHECK (length(salt) = 16)
) STRICT;

-- The head of the chain, sealed with the key, so that an entry taken off the end is missed.
ALTER TABLE revision ADD COLUMN recorded_at TEXT;
ALTER TABLE revision ADD COLUMN chain BLOB;
ALTER TABLE revision ADD COLUMN seal BLOB;

-- Which key the store was made with: a digest that only this key gives.
CREATE TABLE store (
  id        INTEGER PRIMARY KEY CHECK (id = 1),
  key_check BLOB CHECK (length(key_check) = 32)
) STRICT;
INSERT INTO store (id, key_check) VALUES (1, NULL);

-- Keyed hash over the version and its effects as they are stored; checked whenever they are loaded for pooling.
ALTER TABLE study_version ADD COLUMN row_hash BLOB CHECK (length(row_hash) = 32);

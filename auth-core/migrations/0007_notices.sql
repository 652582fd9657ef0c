-- Notices to portals. Same conventions as 0001.

-- Who is told of what. events: a JSON array of names. due_at_ms: nothing is given out for the portal
-- before then, because one of its notices is under way or has just failed. failures: in a row.
CREATE TABLE notice_portals (
    portal TEXT NOT NULL PRIMARY KEY,
    events TEXT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    failures BIGINT NOT NULL
);

-- position: from a counter, hence in the order in which the changes were made. data: a JSON object.
-- since_ms: since when delivery is tried. due_at_ms of a dead one: when it died.
CREATE TABLE notices (
    id TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL UNIQUE,
    portal TEXT NOT NULL REFERENCES notice_portals (portal) ON DELETE CASCADE,
    event TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    since_ms BIGINT NOT NULL,
    subject TEXT,
    portal_user TEXT,
    data TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'dead')),
    due_at_ms BIGINT NOT NULL,
    last_error TEXT NOT NULL
);
CREATE INDEX notices_by_portal ON notices (portal, state, position);
CREATE INDEX notices_by_subject ON notices (portal, subject, state, position);
INSERT INTO counters (name, value) VALUES ('notices', 0);

-- The first schema. Every table here has its twin, column by column and
-- constraint by constraint, in ../sqlite; a test compares the two.
--
-- Instants are microseconds since 1970 in UTC, 0 means absent. Amounts are
-- hundredths of their currency. Flags are 0 or 1. What a person could be
-- recognised by stands only in the tables of the last part, which can be
-- erased; everything before it holds ids and is only ever inserted into.
-- Texts compare byte by byte on both engines, whatever the server's locale.

-- +goose Up

-- One row for each stream of facts; a transaction touches its own stream's row only.
CREATE TABLE counter (
    stream TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (stream IN ('pulls', 'entries')),
    seq BIGINT NOT NULL CHECK (seq >= 0),
    known BIGINT NOT NULL CHECK (known >= 0),
    late_clocks BIGINT NOT NULL CHECK (late_clocks >= 0)
);
INSERT INTO counter (stream, seq, known, late_clocks) VALUES ('pulls', 0, 0, 0);
INSERT INTO counter (stream, seq, known, late_clocks) VALUES ('entries', 0, 0, 0);

-- Part 1: observations, written by pulls.

CREATE TABLE pull (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    started BIGINT NOT NULL CHECK (started > 0),
    finished BIGINT NOT NULL CHECK (finished > 0),
    outcome TEXT COLLATE "C" NOT NULL CHECK (outcome <> ''),
    detail TEXT COLLATE "C" NOT NULL,
    requests BIGINT NOT NULL CHECK (requests >= 0),
    counts TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);
CREATE INDEX pull_known ON pull (known);

CREATE TABLE snapshot (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number > 0),
    start BIGINT NOT NULL CHECK (start > 0),
    pull TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES pull (id),
    collective TEXT COLLATE "C" NOT NULL CHECK (collective <> ''),
    host TEXT COLLATE "C" NOT NULL,
    frozen BIGINT NOT NULL CHECK (frozen IN (0, 1)),
    currency TEXT COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    orders BIGINT NOT NULL CHECK (orders >= 0),
    transactions BIGINT NOT NULL CHECK (transactions >= 0),
    refunds BIGINT NOT NULL CHECK (refunds >= 0),
    changed BIGINT NOT NULL CHECK (changed >= 0),
    known BIGINT NOT NULL UNIQUE CHECK (known > 0)
);

CREATE TABLE account_obs (
    id TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
    public_id TEXT COLLATE "C" NOT NULL,
    legacy_id BIGINT NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    incognito BIGINT NOT NULL CHECK (incognito IN (0, 1)),
    guest BIGINT NOT NULL CHECK (guest IN (0, 1)),
    archived BIGINT NOT NULL CHECK (archived IN (0, 1)),
    suspended BIGINT NOT NULL CHECK (suspended IN (0, 1)),
    effective BIGINT NOT NULL,
    snapshot BIGINT NOT NULL REFERENCES snapshot (number),
    known BIGINT NOT NULL CHECK (known > 0),
    PRIMARY KEY (id, snapshot)
);

CREATE TABLE contribution_obs (
    id TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
    public_id TEXT COLLATE "C" NOT NULL,
    legacy_id BIGINT NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    frequency TEXT COLLATE "C" NOT NULL,
    every TEXT COLLATE "C" NOT NULL CHECK (every IN ('one_off', 'monthly', 'yearly')),
    amount_minor BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    total_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    tip_minor BIGINT NOT NULL,
    created BIGINT NOT NULL,
    processed BIGINT NOT NULL,
    last_charged BIGINT NOT NULL,
    next_charge BIGINT NOT NULL,
    to_account TEXT COLLATE "C" NOT NULL,
    tier TEXT COLLATE "C" NOT NULL,
    quantity BIGINT NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    payment_type TEXT COLLATE "C" NOT NULL,
    paused_by_payer BIGINT NOT NULL CHECK (paused_by_payer IN (0, 1)),
    effective BIGINT NOT NULL CHECK (effective > 0),
    snapshot BIGINT NOT NULL REFERENCES snapshot (number),
    known BIGINT NOT NULL CHECK (known > 0),
    PRIMARY KEY (id, snapshot)
);
CREATE INDEX contribution_obs_account ON contribution_obs (account);

CREATE TABLE contribution_missing (
    contribution TEXT COLLATE "C" NOT NULL CHECK (contribution <> ''),
    streak BIGINT NOT NULL CHECK (streak >= 0),
    snapshot BIGINT NOT NULL REFERENCES snapshot (number),
    known BIGINT NOT NULL CHECK (known > 0),
    PRIMARY KEY (contribution, snapshot)
);

CREATE TABLE charge (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    contribution TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('contribution', 'added_funds')),
    amount_minor BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    created BIGINT NOT NULL CHECK (created > 0),
    snapshot BIGINT NOT NULL REFERENCES snapshot (number),
    known BIGINT NOT NULL CHECK (known > 0)
);
CREATE INDEX charge_account ON charge (account);
CREATE INDEX charge_contribution ON charge (contribution);

-- The payer of a charge that was stored without one: fixed once.
CREATE TABLE charge_payer (
    charge TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES charge (id),
    account TEXT COLLATE "C" NOT NULL CHECK (account <> ''),
    snapshot BIGINT NOT NULL REFERENCES snapshot (number),
    known BIGINT NOT NULL CHECK (known > 0)
);
CREATE INDEX charge_payer_account ON charge_payer (account);

CREATE TABLE coverage (
    charge TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES charge (id),
    every TEXT COLLATE "C" NOT NULL CHECK (every IN ('one_off', 'monthly', 'yearly')),
    due BIGINT NOT NULL CHECK (due >= 0),
    order_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    snapshot BIGINT NOT NULL REFERENCES snapshot (number),
    known BIGINT NOT NULL CHECK (known > 0)
);

CREATE TABLE charge_obs (
    charge TEXT COLLATE "C" NOT NULL REFERENCES charge (id),
    disputed BIGINT NOT NULL CHECK (disputed IN (0, 1)),
    in_review BIGINT NOT NULL CHECK (in_review IN (0, 1)),
    refunded BIGINT NOT NULL CHECK (refunded IN (0, 1)),
    snapshot BIGINT NOT NULL REFERENCES snapshot (number),
    known BIGINT NOT NULL CHECK (known > 0),
    PRIMARY KEY (charge, snapshot)
);

CREATE TABLE refund (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    charge TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL CHECK (at > 0),
    kind TEXT COLLATE "C" NOT NULL,
    minor BIGINT NOT NULL,
    snapshot BIGINT NOT NULL REFERENCES snapshot (number),
    known BIGINT NOT NULL CHECK (known > 0)
);
CREATE INDEX refund_charge ON refund (charge);

-- Part 2: entries, written by people.

CREATE TABLE member (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('organisation', 'individual')),
    admitted_by TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);

CREATE TABLE membership_event (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    member TEXT COLLATE "C" NOT NULL REFERENCES member (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('applied', 'admitted', 'left', 'paused', 'resumed', 'suspended', 'restored', 'no_account', 'linkable')),
    at BIGINT NOT NULL,
    until BIGINT NOT NULL CHECK (until = 0 OR kind = 'suspended'),
    listing BIGINT NOT NULL CHECK (listing IN (0, 1)),
    decision TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);
CREATE INDEX membership_event_member ON membership_event (member);

CREATE TABLE membership_void (
    event TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES membership_event (id),
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);

CREATE TABLE link (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    member TEXT COLLATE "C" NOT NULL REFERENCES member (id),
    account TEXT COLLATE "C" NOT NULL CHECK (account <> ''),
    valid_from BIGINT NOT NULL,
    valid_until BIGINT NOT NULL CHECK (valid_until = 0 OR valid_until > valid_from),
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);
CREATE INDEX link_member ON link (member);
CREATE INDEX link_account ON link (account);

CREATE TABLE link_end (
    link TEXT COLLATE "C" NOT NULL REFERENCES link (id),
    revoked BIGINT NOT NULL CHECK (revoked IN (0, 1)),
    valid_until BIGINT NOT NULL CHECK ((revoked = 1 AND valid_until = 0) OR (revoked = 0 AND valid_until > 0)),
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0),
    PRIMARY KEY (link, known)
);

CREATE TABLE waiver (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    member TEXT COLLATE "C" NOT NULL REFERENCES member (id),
    valid_from BIGINT NOT NULL,
    valid_until BIGINT NOT NULL CHECK (valid_until = 0 OR valid_until > valid_from),
    decision TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);
CREATE INDEX waiver_member ON waiver (member);

CREATE TABLE waiver_end (
    waiver TEXT COLLATE "C" NOT NULL REFERENCES waiver (id),
    revoked BIGINT NOT NULL CHECK (revoked IN (0, 1)),
    valid_until BIGINT NOT NULL CHECK ((revoked = 1 AND valid_until = 0) OR (revoked = 0 AND valid_until > 0)),
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0),
    PRIMARY KEY (waiver, known)
);

CREATE TABLE payment (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    member TEXT COLLATE "C" NOT NULL REFERENCES member (id),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    months BIGINT NOT NULL CHECK (months > 0),
    valid_from BIGINT NOT NULL CHECK (valid_from > 0),
    valid_until BIGINT NOT NULL CHECK (valid_until > valid_from),
    received BIGINT NOT NULL CHECK (received > 0),
    charge TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL CHECK (reference = '' OR length(reference) = 64),
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);
CREATE INDEX payment_member ON payment (member);
CREATE UNIQUE INDEX payment_reference ON payment (reference) WHERE reference <> '';

CREATE TABLE payment_undo (
    payment TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES payment (id),
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);

CREATE TABLE profile_event (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    member TEXT COLLATE "C" NOT NULL REFERENCES member (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('has_profile', 'consents', 'approved')),
    is_on BIGINT NOT NULL CHECK (is_on IN (0, 1)),
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);
CREATE INDEX profile_event_member ON profile_event (member);

CREATE TABLE supporter (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    account TEXT COLLATE "C" NOT NULL CHECK (account <> ''),
    is_on BIGINT NOT NULL CHECK (is_on IN (0, 1)),
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);
CREATE INDEX supporter_account ON supporter (account);

CREATE TABLE merge (
    loser TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES member (id),
    winner TEXT COLLATE "C" NOT NULL REFERENCES member (id) CHECK (winner <> loser),
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);

CREATE TABLE person_role (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    person TEXT COLLATE "C" NOT NULL CHECK (person <> ''),
    role TEXT COLLATE "C" NOT NULL CHECK (role IN ('treasurer', 'facilitator', 'contact_person')),
    is_on BIGINT NOT NULL CHECK (is_on IN (0, 1)),
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);
CREATE INDEX person_role_person ON person_role (person);

CREATE TABLE delegate (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    member TEXT COLLATE "C" NOT NULL REFERENCES member (id),
    person TEXT COLLATE "C" NOT NULL CHECK (person <> ''),
    event TEXT COLLATE "C" NOT NULL CHECK (event IN ('added', 'removed', 'confirmed')),
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);
CREATE INDEX delegate_member ON delegate (member);
CREATE INDEX delegate_person ON delegate (person);

CREATE TABLE policy_version (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    valid_from BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL CHECK (length(sha256) = 64),
    decided_by TEXT COLLATE "C" NOT NULL,
    backdated BIGINT NOT NULL CHECK (backdated IN (0, 1)),
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);

CREATE TABLE hold (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    cause TEXT COLLATE "C" NOT NULL CHECK (cause <> ''),
    set_at BIGINT NOT NULL CHECK (set_at > 0),
    since BIGINT NOT NULL CHECK (since <= set_at),
    snapshot BIGINT NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);

CREATE TABLE hold_member (
    hold TEXT COLLATE "C" NOT NULL REFERENCES hold (id),
    member TEXT COLLATE "C" NOT NULL REFERENCES member (id),
    state TEXT COLLATE "C" NOT NULL CHECK (state <> ''),
    vote BIGINT NOT NULL CHECK (vote IN (0, 1)),
    listing BIGINT NOT NULL CHECK (listing IN (0, 1)),
    services BIGINT NOT NULL CHECK (services IN (0, 1)),
    PRIMARY KEY (hold, member)
);
CREATE INDEX hold_member_member ON hold_member (member);

CREATE TABLE hold_ack (
    hold TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES hold (id),
    at BIGINT NOT NULL CHECK (at > 0),
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);

CREATE TABLE audit (
    seq BIGINT NOT NULL PRIMARY KEY CHECK (seq > 0),
    at BIGINT NOT NULL CHECK (at > 0),
    actor TEXT COLLATE "C" NOT NULL CHECK (actor <> ''),
    action TEXT COLLATE "C" NOT NULL CHECK (action <> ''),
    subject TEXT COLLATE "C" NOT NULL,
    payload TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    reason_hash TEXT COLLATE "C" NOT NULL CHECK (reason_hash = '' OR length(reason_hash) = 64),
    prev TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(prev) = 64),
    hash TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(hash) = 64)
);
CREATE INDEX audit_subject ON audit (subject);

-- The end of the chain: updated before a new link is inserted, so that two
-- writers cannot both continue from the same end.
CREATE TABLE audit_head (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    seq BIGINT NOT NULL CHECK (seq >= 0),
    hash TEXT COLLATE "C" NOT NULL CHECK (length(hash) = 64)
);
INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- Part 3: standings as the assess step wrote them.

CREATE TABLE standing (
    member TEXT COLLATE "C" NOT NULL REFERENCES member (id),
    at BIGINT NOT NULL CHECK (at > 0),
    state TEXT COLLATE "C" NOT NULL CHECK (state <> ''),
    vote BIGINT NOT NULL CHECK (vote IN (0, 1)),
    listing BIGINT NOT NULL CHECK (listing IN (0, 1)),
    services BIGINT NOT NULL CHECK (services IN (0, 1)),
    codes TEXT COLLATE "C" NOT NULL,
    policy TEXT COLLATE "C" NOT NULL,
    worse BIGINT NOT NULL CHECK (worse IN (0, 1)),
    as_of BIGINT NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0),
    PRIMARY KEY (member, known, at)
);
CREATE INDEX standing_known ON standing (known);

-- Part 4: notices. The outbox row changes its state; every change has a ledger row.

CREATE TABLE outbox (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    occasion TEXT COLLATE "C" NOT NULL CHECK (occasion <> ''),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind <> ''),
    member TEXT COLLATE "C" NOT NULL,
    cause TEXT COLLATE "C" NOT NULL,
    recipient TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C" NOT NULL CHECK (channel IN ('email', 'matrix')),
    about BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'held', 'sent', 'failed', 'recovered', 'before_start', 'no_address', 'suppressed')),
    detail TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0),
    UNIQUE (occasion, recipient, channel)
);
CREATE INDEX outbox_waiting ON outbox (due_at) WHERE state = 'waiting';
CREATE INDEX outbox_member ON outbox (member);

CREATE TABLE ledger (
    outbox TEXT COLLATE "C" NOT NULL REFERENCES outbox (id),
    seq BIGINT NOT NULL CHECK (seq > 0),
    at BIGINT NOT NULL CHECK (at > 0),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'held', 'sent', 'failed', 'recovered', 'before_start', 'no_address', 'suppressed')),
    detail TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (outbox, seq)
);

-- Part 5: what can be changed and erased. Nothing before this part refers to it by a key.

CREATE TABLE setting (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (name <> ''),
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE text (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    salt TEXT COLLATE "C" NOT NULL CHECK (length(salt) = 32),
    body TEXT COLLATE "C" NOT NULL
);

CREATE TABLE actor_label (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    label TEXT COLLATE "C" NOT NULL
);

CREATE TABLE person (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    email TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX person_email ON person (lower(email)) WHERE email <> '';

CREATE TABLE member_detail (
    member TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES member (id),
    handle TEXT COLLATE "C" NOT NULL UNIQUE CHECK (handle <> ''),
    name TEXT COLLATE "C" NOT NULL,
    public_name TEXT COLLATE "C" NOT NULL,
    website TEXT COLLATE "C" NOT NULL,
    summary TEXT COLLATE "C" NOT NULL
);

CREATE TABLE account_detail (
    account TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (account <> ''),
    slug TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    emails TEXT COLLATE "C" NOT NULL,
    seen BIGINT NOT NULL
);
CREATE INDEX account_detail_slug ON account_detail (slug);

-- Slugs and names that an account had before.
CREATE TABLE account_former (
    account TEXT COLLATE "C" NOT NULL CHECK (account <> ''),
    slug TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    last_seen BIGINT NOT NULL,
    PRIMARY KEY (account, last_seen)
);
CREATE INDEX account_former_slug ON account_former (slug);

CREATE TABLE contact (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    member TEXT COLLATE "C" NOT NULL REFERENCES member (id),
    email TEXT COLLATE "C" NOT NULL,
    matrix TEXT COLLATE "C" NOT NULL CHECK (email <> '' OR matrix <> '')
);
CREATE INDEX contact_member ON contact (member);

CREATE TABLE profile (
    member TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES member (id),
    url TEXT COLLATE "C" NOT NULL,
    summary TEXT COLLATE "C" NOT NULL,
    contact_label TEXT COLLATE "C" NOT NULL,
    contact_href TEXT COLLATE "C" NOT NULL,
    logo TEXT COLLATE "C" NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    services TEXT COLLATE "C" NOT NULL,
    languages TEXT COLLATE "C" NOT NULL
);

CREATE TABLE consent (
    member TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES member (id),
    words TEXT COLLATE "C" NOT NULL,
    given BIGINT NOT NULL,
    given_by TEXT COLLATE "C" NOT NULL
);

-- The log is only ever inserted into.

-- +goose StatementBegin
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER pull_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pull FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER snapshot_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON snapshot FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER account_obs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account_obs FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER contribution_obs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contribution_obs FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER contribution_missing_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contribution_missing FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER charge_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON charge FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER charge_payer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON charge_payer FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER coverage_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON coverage FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER charge_obs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON charge_obs FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER refund_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON refund FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER member_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON member FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER membership_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON membership_event FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER membership_void_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON membership_void FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER link_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON link FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER link_end_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON link_end FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER waiver_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON waiver FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER waiver_end_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON waiver_end FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER payment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payment FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER payment_undo_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_undo FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER profile_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON profile_event FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER supporter_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON supporter FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER merge_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON merge FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER person_role_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON person_role FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER delegate_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON delegate FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER policy_version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_version FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER hold_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hold FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER hold_member_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hold_member FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER hold_ack_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hold_ack FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER standing_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON standing FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION append_only();

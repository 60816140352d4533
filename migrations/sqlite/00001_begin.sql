-- The first schema. Every table here has its twin, column by column and
-- constraint by constraint, in ../postgres; a test compares the two.
--
-- Instants are microseconds since 1970 in UTC, 0 means absent. Amounts are
-- hundredths of their currency. Flags are 0 or 1. What a person could be
-- recognised by stands only in the tables of the last part, which can be
-- erased; everything before it holds ids and is only ever inserted into.
-- Texts compare byte by byte on both engines, whatever the server's locale.

-- +goose Up

PRAGMA application_id = 1735356260;

-- One row for each stream of facts; a transaction touches its own stream's row only.
CREATE TABLE counter (
    stream TEXT NOT NULL PRIMARY KEY CHECK (stream IN ('pulls', 'entries')),
    seq INTEGER NOT NULL CHECK (seq >= 0),
    known INTEGER NOT NULL CHECK (known >= 0),
    late_clocks INTEGER NOT NULL CHECK (late_clocks >= 0)
) STRICT;
INSERT INTO counter (stream, seq, known, late_clocks) VALUES ('pulls', 0, 0, 0);
INSERT INTO counter (stream, seq, known, late_clocks) VALUES ('entries', 0, 0, 0);

-- Part 1: observations, written by pulls.

CREATE TABLE pull (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    started INTEGER NOT NULL CHECK (started > 0),
    finished INTEGER NOT NULL CHECK (finished > 0),
    outcome TEXT NOT NULL CHECK (outcome <> ''),
    detail TEXT NOT NULL,
    requests INTEGER NOT NULL CHECK (requests >= 0),
    counts TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;
CREATE INDEX pull_known ON pull (known);

CREATE TABLE snapshot (
    number INTEGER NOT NULL PRIMARY KEY CHECK (number > 0),
    start INTEGER NOT NULL CHECK (start > 0),
    pull TEXT NOT NULL UNIQUE REFERENCES pull (id),
    collective TEXT NOT NULL CHECK (collective <> ''),
    host TEXT NOT NULL,
    frozen INTEGER NOT NULL CHECK (frozen IN (0, 1)),
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    orders INTEGER NOT NULL CHECK (orders >= 0),
    transactions INTEGER NOT NULL CHECK (transactions >= 0),
    refunds INTEGER NOT NULL CHECK (refunds >= 0),
    changed INTEGER NOT NULL CHECK (changed >= 0),
    known INTEGER NOT NULL UNIQUE CHECK (known > 0)
) STRICT;

CREATE TABLE account_obs (
    id TEXT NOT NULL CHECK (id <> ''),
    public_id TEXT NOT NULL,
    legacy_id INTEGER NOT NULL,
    type TEXT NOT NULL,
    incognito INTEGER NOT NULL CHECK (incognito IN (0, 1)),
    guest INTEGER NOT NULL CHECK (guest IN (0, 1)),
    archived INTEGER NOT NULL CHECK (archived IN (0, 1)),
    suspended INTEGER NOT NULL CHECK (suspended IN (0, 1)),
    effective INTEGER NOT NULL,
    snapshot INTEGER NOT NULL REFERENCES snapshot (number),
    known INTEGER NOT NULL CHECK (known > 0),
    PRIMARY KEY (id, snapshot)
) STRICT;

CREATE TABLE contribution_obs (
    id TEXT NOT NULL CHECK (id <> ''),
    public_id TEXT NOT NULL,
    legacy_id INTEGER NOT NULL,
    account TEXT NOT NULL,
    status TEXT NOT NULL,
    frequency TEXT NOT NULL,
    every TEXT NOT NULL CHECK (every IN ('one_off', 'monthly', 'yearly')),
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    total_minor INTEGER NOT NULL,
    tax_minor INTEGER NOT NULL,
    tip_minor INTEGER NOT NULL,
    created INTEGER NOT NULL,
    processed INTEGER NOT NULL,
    last_charged INTEGER NOT NULL,
    next_charge INTEGER NOT NULL,
    to_account TEXT NOT NULL,
    tier TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    service TEXT NOT NULL,
    payment_type TEXT NOT NULL,
    paused_by_payer INTEGER NOT NULL CHECK (paused_by_payer IN (0, 1)),
    effective INTEGER NOT NULL CHECK (effective > 0),
    snapshot INTEGER NOT NULL REFERENCES snapshot (number),
    known INTEGER NOT NULL CHECK (known > 0),
    PRIMARY KEY (id, snapshot)
) STRICT;
CREATE INDEX contribution_obs_account ON contribution_obs (account);

CREATE TABLE contribution_missing (
    contribution TEXT NOT NULL CHECK (contribution <> ''),
    streak INTEGER NOT NULL CHECK (streak >= 0),
    snapshot INTEGER NOT NULL REFERENCES snapshot (number),
    known INTEGER NOT NULL CHECK (known > 0),
    PRIMARY KEY (contribution, snapshot)
) STRICT;

CREATE TABLE charge (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    contribution TEXT NOT NULL,
    account TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('contribution', 'added_funds')),
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    created INTEGER NOT NULL CHECK (created > 0),
    snapshot INTEGER NOT NULL REFERENCES snapshot (number),
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;
CREATE INDEX charge_account ON charge (account);
CREATE INDEX charge_contribution ON charge (contribution);

-- The payer of a charge that was stored without one: fixed once.
CREATE TABLE charge_payer (
    charge TEXT NOT NULL PRIMARY KEY REFERENCES charge (id),
    account TEXT NOT NULL CHECK (account <> ''),
    snapshot INTEGER NOT NULL REFERENCES snapshot (number),
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;
CREATE INDEX charge_payer_account ON charge_payer (account);

CREATE TABLE coverage (
    charge TEXT NOT NULL PRIMARY KEY REFERENCES charge (id),
    every TEXT NOT NULL CHECK (every IN ('one_off', 'monthly', 'yearly')),
    due INTEGER NOT NULL CHECK (due >= 0),
    order_minor INTEGER NOT NULL,
    tax_minor INTEGER NOT NULL,
    snapshot INTEGER NOT NULL REFERENCES snapshot (number),
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;

CREATE TABLE charge_obs (
    charge TEXT NOT NULL REFERENCES charge (id),
    disputed INTEGER NOT NULL CHECK (disputed IN (0, 1)),
    in_review INTEGER NOT NULL CHECK (in_review IN (0, 1)),
    refunded INTEGER NOT NULL CHECK (refunded IN (0, 1)),
    snapshot INTEGER NOT NULL REFERENCES snapshot (number),
    known INTEGER NOT NULL CHECK (known > 0),
    PRIMARY KEY (charge, snapshot)
) STRICT;

CREATE TABLE refund (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    charge TEXT NOT NULL,
    at INTEGER NOT NULL CHECK (at > 0),
    kind TEXT NOT NULL,
    minor INTEGER NOT NULL,
    snapshot INTEGER NOT NULL REFERENCES snapshot (number),
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;
CREATE INDEX refund_charge ON refund (charge);

-- Part 2: entries, written by people.

CREATE TABLE member (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('organisation', 'individual')),
    admitted_by TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;

CREATE TABLE membership_event (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    member TEXT NOT NULL REFERENCES member (id),
    kind TEXT NOT NULL CHECK (kind IN ('applied', 'admitted', 'left', 'paused', 'resumed', 'suspended', 'restored', 'no_account', 'linkable')),
    at INTEGER NOT NULL,
    until INTEGER NOT NULL CHECK (until = 0 OR kind = 'suspended'),
    listing INTEGER NOT NULL CHECK (listing IN (0, 1)),
    decision TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;
CREATE INDEX membership_event_member ON membership_event (member);

CREATE TABLE membership_void (
    event TEXT NOT NULL PRIMARY KEY REFERENCES membership_event (id),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;

CREATE TABLE link (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    member TEXT NOT NULL REFERENCES member (id),
    account TEXT NOT NULL CHECK (account <> ''),
    valid_from INTEGER NOT NULL,
    valid_until INTEGER NOT NULL CHECK (valid_until = 0 OR valid_until > valid_from),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;
CREATE INDEX link_member ON link (member);
CREATE INDEX link_account ON link (account);

CREATE TABLE link_end (
    link TEXT NOT NULL REFERENCES link (id),
    revoked INTEGER NOT NULL CHECK (revoked IN (0, 1)),
    valid_until INTEGER NOT NULL CHECK ((revoked = 1 AND valid_until = 0) OR (revoked = 0 AND valid_until > 0)),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0),
    PRIMARY KEY (link, known)
) STRICT;

CREATE TABLE waiver (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    member TEXT NOT NULL REFERENCES member (id),
    valid_from INTEGER NOT NULL,
    valid_until INTEGER NOT NULL CHECK (valid_until = 0 OR valid_until > valid_from),
    decision TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;
CREATE INDEX waiver_member ON waiver (member);

CREATE TABLE waiver_end (
    waiver TEXT NOT NULL REFERENCES waiver (id),
    revoked INTEGER NOT NULL CHECK (revoked IN (0, 1)),
    valid_until INTEGER NOT NULL CHECK ((revoked = 1 AND valid_until = 0) OR (revoked = 0 AND valid_until > 0)),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0),
    PRIMARY KEY (waiver, known)
) STRICT;

CREATE TABLE payment (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    member TEXT NOT NULL REFERENCES member (id),
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    months INTEGER NOT NULL CHECK (months > 0),
    valid_from INTEGER NOT NULL CHECK (valid_from > 0),
    valid_until INTEGER NOT NULL CHECK (valid_until > valid_from),
    received INTEGER NOT NULL CHECK (received > 0),
    charge TEXT NOT NULL,
    reference TEXT NOT NULL CHECK (reference = '' OR length(reference) = 64),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;
CREATE INDEX payment_member ON payment (member);
CREATE UNIQUE INDEX payment_reference ON payment (reference) WHERE reference <> '';

CREATE TABLE payment_undo (
    payment TEXT NOT NULL PRIMARY KEY REFERENCES payment (id),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;

CREATE TABLE profile_event (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    member TEXT NOT NULL REFERENCES member (id),
    kind TEXT NOT NULL CHECK (kind IN ('has_profile', 'consents', 'approved')),
    is_on INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;
CREATE INDEX profile_event_member ON profile_event (member);

CREATE TABLE supporter (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    account TEXT NOT NULL CHECK (account <> ''),
    is_on INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;
CREATE INDEX supporter_account ON supporter (account);

CREATE TABLE merge (
    loser TEXT NOT NULL PRIMARY KEY REFERENCES member (id),
    winner TEXT NOT NULL REFERENCES member (id) CHECK (winner <> loser),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;

CREATE TABLE person_role (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    person TEXT NOT NULL CHECK (person <> ''),
    role TEXT NOT NULL CHECK (role IN ('treasurer', 'facilitator', 'contact_person')),
    is_on INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;
CREATE INDEX person_role_person ON person_role (person);

CREATE TABLE delegate (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    member TEXT NOT NULL REFERENCES member (id),
    person TEXT NOT NULL CHECK (person <> ''),
    event TEXT NOT NULL CHECK (event IN ('added', 'removed', 'confirmed')),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;
CREATE INDEX delegate_member ON delegate (member);
CREATE INDEX delegate_person ON delegate (person);

CREATE TABLE policy_version (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    valid_from INTEGER NOT NULL,
    body TEXT NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    decided_by TEXT NOT NULL,
    backdated INTEGER NOT NULL CHECK (backdated IN (0, 1)),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;

CREATE TABLE hold (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    cause TEXT NOT NULL CHECK (cause <> ''),
    set_at INTEGER NOT NULL CHECK (set_at > 0),
    since INTEGER NOT NULL CHECK (since <= set_at),
    snapshot INTEGER NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;

CREATE TABLE hold_member (
    hold TEXT NOT NULL REFERENCES hold (id),
    member TEXT NOT NULL REFERENCES member (id),
    state TEXT NOT NULL CHECK (state <> ''),
    vote INTEGER NOT NULL CHECK (vote IN (0, 1)),
    listing INTEGER NOT NULL CHECK (listing IN (0, 1)),
    services INTEGER NOT NULL CHECK (services IN (0, 1)),
    PRIMARY KEY (hold, member)
) STRICT;
CREATE INDEX hold_member_member ON hold_member (member);

CREATE TABLE hold_ack (
    hold TEXT NOT NULL PRIMARY KEY REFERENCES hold (id),
    at INTEGER NOT NULL CHECK (at > 0),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;

CREATE TABLE audit (
    seq INTEGER NOT NULL PRIMARY KEY CHECK (seq > 0),
    at INTEGER NOT NULL CHECK (at > 0),
    actor TEXT NOT NULL CHECK (actor <> ''),
    action TEXT NOT NULL CHECK (action <> ''),
    subject TEXT NOT NULL,
    payload TEXT NOT NULL,
    reason TEXT NOT NULL,
    reason_hash TEXT NOT NULL CHECK (reason_hash = '' OR length(reason_hash) = 64),
    prev TEXT NOT NULL UNIQUE CHECK (length(prev) = 64),
    hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64)
) STRICT;
CREATE INDEX audit_subject ON audit (subject);

-- The end of the chain: updated before a new link is inserted, so that two
-- writers cannot both continue from the same end.
CREATE TABLE audit_head (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL CHECK (seq >= 0),
    hash TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;
INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- Part 3: standings as the assess step wrote them.

CREATE TABLE standing (
    member TEXT NOT NULL REFERENCES member (id),
    at INTEGER NOT NULL CHECK (at > 0),
    state TEXT NOT NULL CHECK (state <> ''),
    vote INTEGER NOT NULL CHECK (vote IN (0, 1)),
    listing INTEGER NOT NULL CHECK (listing IN (0, 1)),
    services INTEGER NOT NULL CHECK (services IN (0, 1)),
    codes TEXT NOT NULL,
    policy TEXT NOT NULL,
    worse INTEGER NOT NULL CHECK (worse IN (0, 1)),
    as_of INTEGER NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0),
    PRIMARY KEY (member, known, at)
) STRICT;
CREATE INDEX standing_known ON standing (known);

-- Part 4: notices. The outbox row changes its state; every change has a ledger row.

CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    occasion TEXT NOT NULL CHECK (occasion <> ''),
    kind TEXT NOT NULL CHECK (kind <> ''),
    member TEXT NOT NULL,
    cause TEXT NOT NULL,
    recipient TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'matrix')),
    about INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'held', 'sent', 'failed', 'recovered', 'before_start', 'no_address', 'suppressed')),
    detail TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0),
    UNIQUE (occasion, recipient, channel)
) STRICT;
CREATE INDEX outbox_waiting ON outbox (due_at) WHERE state = 'waiting';
CREATE INDEX outbox_member ON outbox (member);

CREATE TABLE ledger (
    outbox TEXT NOT NULL REFERENCES outbox (id),
    seq INTEGER NOT NULL CHECK (seq > 0),
    at INTEGER NOT NULL CHECK (at > 0),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'held', 'sent', 'failed', 'recovered', 'before_start', 'no_address', 'suppressed')),
    detail TEXT NOT NULL,
    PRIMARY KEY (outbox, seq)
) STRICT;

-- Part 5: what can be changed and erased. Nothing before this part refers to it by a key.

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
    value TEXT NOT NULL
) STRICT;

CREATE TABLE text (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    salt TEXT NOT NULL CHECK (length(salt) = 32),
    body TEXT NOT NULL
) STRICT;

CREATE TABLE actor_label (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    label TEXT NOT NULL
) STRICT;

CREATE TABLE person (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    email TEXT NOT NULL,
    name TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX person_email ON person (lower(email)) WHERE email <> '';

CREATE TABLE member_detail (
    member TEXT NOT NULL PRIMARY KEY REFERENCES member (id),
    handle TEXT NOT NULL UNIQUE CHECK (handle <> ''),
    name TEXT NOT NULL,
    public_name TEXT NOT NULL,
    website TEXT NOT NULL,
    summary TEXT NOT NULL
) STRICT;

CREATE TABLE account_detail (
    account TEXT NOT NULL PRIMARY KEY CHECK (account <> ''),
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    emails TEXT NOT NULL,
    seen INTEGER NOT NULL
) STRICT;
CREATE INDEX account_detail_slug ON account_detail (slug);

-- Slugs and names that an account had before.
CREATE TABLE account_former (
    account TEXT NOT NULL CHECK (account <> ''),
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    last_seen INTEGER NOT NULL,
    PRIMARY KEY (account, last_seen)
) STRICT;
CREATE INDEX account_former_slug ON account_former (slug);

CREATE TABLE contact (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    member TEXT NOT NULL REFERENCES member (id),
    email TEXT NOT NULL,
    matrix TEXT NOT NULL CHECK (email <> '' OR matrix <> '')
) STRICT;
CREATE INDEX contact_member ON contact (member);

CREATE TABLE profile (
    member TEXT NOT NULL PRIMARY KEY REFERENCES member (id),
    url TEXT NOT NULL,
    summary TEXT NOT NULL,
    contact_label TEXT NOT NULL,
    contact_href TEXT NOT NULL,
    logo TEXT NOT NULL,
    place TEXT NOT NULL,
    services TEXT NOT NULL,
    languages TEXT NOT NULL
) STRICT;

CREATE TABLE consent (
    member TEXT NOT NULL PRIMARY KEY REFERENCES member (id),
    words TEXT NOT NULL,
    given INTEGER NOT NULL,
    given_by TEXT NOT NULL
) STRICT;

-- The log is only ever inserted into.

-- +goose StatementBegin
CREATE TRIGGER pull_append_only_update BEFORE UPDATE ON pull BEGIN SELECT RAISE(ABORT, 'append-only: pull'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER pull_append_only_delete BEFORE DELETE ON pull BEGIN SELECT RAISE(ABORT, 'append-only: pull'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER snapshot_append_only_update BEFORE UPDATE ON snapshot BEGIN SELECT RAISE(ABORT, 'append-only: snapshot'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER snapshot_append_only_delete BEFORE DELETE ON snapshot BEGIN SELECT RAISE(ABORT, 'append-only: snapshot'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER account_obs_append_only_update BEFORE UPDATE ON account_obs BEGIN SELECT RAISE(ABORT, 'append-only: account_obs'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER account_obs_append_only_delete BEFORE DELETE ON account_obs BEGIN SELECT RAISE(ABORT, 'append-only: account_obs'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER contribution_obs_append_only_update BEFORE UPDATE ON contribution_obs BEGIN SELECT RAISE(ABORT, 'append-only: contribution_obs'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER contribution_obs_append_only_delete BEFORE DELETE ON contribution_obs BEGIN SELECT RAISE(ABORT, 'append-only: contribution_obs'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER contribution_missing_append_only_update BEFORE UPDATE ON contribution_missing BEGIN SELECT RAISE(ABORT, 'append-only: contribution_missing'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER contribution_missing_append_only_delete BEFORE DELETE ON contribution_missing BEGIN SELECT RAISE(ABORT, 'append-only: contribution_missing'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER charge_append_only_update BEFORE UPDATE ON charge BEGIN SELECT RAISE(ABORT, 'append-only: charge'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER charge_append_only_delete BEFORE DELETE ON charge BEGIN SELECT RAISE(ABORT, 'append-only: charge'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER charge_payer_append_only_update BEFORE UPDATE ON charge_payer BEGIN SELECT RAISE(ABORT, 'append-only: charge_payer'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER charge_payer_append_only_delete BEFORE DELETE ON charge_payer BEGIN SELECT RAISE(ABORT, 'append-only: charge_payer'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER coverage_append_only_update BEFORE UPDATE ON coverage BEGIN SELECT RAISE(ABORT, 'append-only: coverage'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER coverage_append_only_delete BEFORE DELETE ON coverage BEGIN SELECT RAISE(ABORT, 'append-only: coverage'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER charge_obs_append_only_update BEFORE UPDATE ON charge_obs BEGIN SELECT RAISE(ABORT, 'append-only: charge_obs'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER charge_obs_append_only_delete BEFORE DELETE ON charge_obs BEGIN SELECT RAISE(ABORT, 'append-only: charge_obs'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER refund_append_only_update BEFORE UPDATE ON refund BEGIN SELECT RAISE(ABORT, 'append-only: refund'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER refund_append_only_delete BEFORE DELETE ON refund BEGIN SELECT RAISE(ABORT, 'append-only: refund'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER member_append_only_update BEFORE UPDATE ON member BEGIN SELECT RAISE(ABORT, 'append-only: member'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER member_append_only_delete BEFORE DELETE ON member BEGIN SELECT RAISE(ABORT, 'append-only: member'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER membership_event_append_only_update BEFORE UPDATE ON membership_event BEGIN SELECT RAISE(ABORT, 'append-only: membership_event'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER membership_event_append_only_delete BEFORE DELETE ON membership_event BEGIN SELECT RAISE(ABORT, 'append-only: membership_event'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER membership_void_append_only_update BEFORE UPDATE ON membership_void BEGIN SELECT RAISE(ABORT, 'append-only: membership_void'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER membership_void_append_only_delete BEFORE DELETE ON membership_void BEGIN SELECT RAISE(ABORT, 'append-only: membership_void'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER link_append_only_update BEFORE UPDATE ON link BEGIN SELECT RAISE(ABORT, 'append-only: link'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER link_append_only_delete BEFORE DELETE ON link BEGIN SELECT RAISE(ABORT, 'append-only: link'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER link_end_append_only_update BEFORE UPDATE ON link_end BEGIN SELECT RAISE(ABORT, 'append-only: link_end'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER link_end_append_only_delete BEFORE DELETE ON link_end BEGIN SELECT RAISE(ABORT, 'append-only: link_end'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER waiver_append_only_update BEFORE UPDATE ON waiver BEGIN SELECT RAISE(ABORT, 'append-only: waiver'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER waiver_append_only_delete BEFORE DELETE ON waiver BEGIN SELECT RAISE(ABORT, 'append-only: waiver'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER waiver_end_append_only_update BEFORE UPDATE ON waiver_end BEGIN SELECT RAISE(ABORT, 'append-only: waiver_end'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER waiver_end_append_only_delete BEFORE DELETE ON waiver_end BEGIN SELECT RAISE(ABORT, 'append-only: waiver_end'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payment_append_only_update BEFORE UPDATE ON payment BEGIN SELECT RAISE(ABORT, 'append-only: payment'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payment_append_only_delete BEFORE DELETE ON payment BEGIN SELECT RAISE(ABORT, 'append-only: payment'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payment_undo_append_only_update BEFORE UPDATE ON payment_undo BEGIN SELECT RAISE(ABORT, 'append-only: payment_undo'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payment_undo_append_only_delete BEFORE DELETE ON payment_undo BEGIN SELECT RAISE(ABORT, 'append-only: payment_undo'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER profile_event_append_only_update BEFORE UPDATE ON profile_event BEGIN SELECT RAISE(ABORT, 'append-only: profile_event'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER profile_event_append_only_delete BEFORE DELETE ON profile_event BEGIN SELECT RAISE(ABORT, 'append-only: profile_event'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER supporter_append_only_update BEFORE UPDATE ON supporter BEGIN SELECT RAISE(ABORT, 'append-only: supporter'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER supporter_append_only_delete BEFORE DELETE ON supporter BEGIN SELECT RAISE(ABORT, 'append-only: supporter'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER merge_append_only_update BEFORE UPDATE ON merge BEGIN SELECT RAISE(ABORT, 'append-only: merge'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER merge_append_only_delete BEFORE DELETE ON merge BEGIN SELECT RAISE(ABORT, 'append-only: merge'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER person_role_append_only_update BEFORE UPDATE ON person_role BEGIN SELECT RAISE(ABORT, 'append-only: person_role'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER person_role_append_only_delete BEFORE DELETE ON person_role BEGIN SELECT RAISE(ABORT, 'append-only: person_role'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER delegate_append_only_update BEFORE UPDATE ON delegate BEGIN SELECT RAISE(ABORT, 'append-only: delegate'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER delegate_append_only_delete BEFORE DELETE ON delegate BEGIN SELECT RAISE(ABORT, 'append-only: delegate'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER policy_version_append_only_update BEFORE UPDATE ON policy_version BEGIN SELECT RAISE(ABORT, 'append-only: policy_version'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER policy_version_append_only_delete BEFORE DELETE ON policy_version BEGIN SELECT RAISE(ABORT, 'append-only: policy_version'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER hold_append_only_update BEFORE UPDATE ON hold BEGIN SELECT RAISE(ABORT, 'append-only: hold'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER hold_append_only_delete BEFORE DELETE ON hold BEGIN SELECT RAISE(ABORT, 'append-only: hold'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER hold_member_append_only_update BEFORE UPDATE ON hold_member BEGIN SELECT RAISE(ABORT, 'append-only: hold_member'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER hold_member_append_only_delete BEFORE DELETE ON hold_member BEGIN SELECT RAISE(ABORT, 'append-only: hold_member'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER hold_ack_append_only_update BEFORE UPDATE ON hold_ack BEGIN SELECT RAISE(ABORT, 'append-only: hold_ack'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER hold_ack_append_only_delete BEFORE DELETE ON hold_ack BEGIN SELECT RAISE(ABORT, 'append-only: hold_ack'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_append_only_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'append-only: audit'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_append_only_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'append-only: audit'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER standing_append_only_update BEFORE UPDATE ON standing BEGIN SELECT RAISE(ABORT, 'append-only: standing'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER standing_append_only_delete BEFORE DELETE ON standing BEGIN SELECT RAISE(ABORT, 'append-only: standing'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_append_only_update BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'append-only: ledger'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_append_only_delete BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'append-only: ledger'); END;
-- +goose StatementEnd

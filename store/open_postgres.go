package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// sessionSettings hold for every session, unless the DSN says otherwise. A
// program that was stopped in the middle of a transaction must not block the
// one that takes over (within 15 seconds): the server ends its transaction after
// 10 seconds of silence, or in which it takes nothing of what the server says, and
// its connection after one minute without an answer.
var sessionSettings = map[string]string{
	"lock_timeout":                        "5000",
	"idle_in_transaction_session_timeout": "10000",
	"tcp_user_timeout":                    "10000",
	"tcp_keepalives_idle":                 "30",
	"tcp_keepalives_interval":             "10",
	"tcp_keepalives_count":                "3",
}

const (
	postgresConns   = 16
	postgresConnect = 10 * time.Second
)

// openPostgres makes a pool; nothing is dialled yet.
func openPostgres(dsn string, o Options) (*DB, error) {
	u, err := url.Parse(dsn)
	if err == nil {
		if fault := servers(u); fault != "" {
			return nil, &Fault{BadDSN, "the database address is not understood: " + fault, nil}
		}
	}
	if err != nil { // its text repeats the DSN, password and all
		return nil, &Fault{BadDSN, "the database address cannot be read as a URL: write postgres://user:password@host:port/database and replace special characters of the password by their %-codes", nil}
	}
	q := withSSLMode(u)
	cfg, err := pq.NewConfig(u.String())
	if err != nil {
		return nil, &Fault{BadDSN, "the database address is not understood: " + redact(err.Error(), u), nil}
	}
	if cfg.Runtime == nil {
		cfg.Runtime = make(map[string]string)
	}
	for name, value := range sessionSettings {
		if _, given := cfg.Runtime[name]; !given {
			cfg.Runtime[name] = value
		}
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = postgresConnect
	}
	cfg.BinaryParameters = true // a statement with arguments goes to the server and back once, not twice
	if cfg.ApplicationName == "" {
		cfg.ApplicationName = "goodstanding"
	}
	quiet := &silence{limit: longestSilence, underWay: underWay, longest: longestWork,
		ask: &asker{sessions: workingFor(cfg), within: answersWithin}}
	connector := sessions{cfg, quiet}
	pool := sqlx.NewDb(sql.OpenDB(connector), "postgres")
	pool.SetMaxOpenConns(postgresConns)
	pool.SetMaxIdleConns(postgresConns) // for many who ask at once: a session that begins costs more than all that one of them asks
	pool.SetConnMaxIdleTime(5 * time.Minute)
	beside := sqlx.NewDb(sql.OpenDB(connector), "postgres")
	beside.SetMaxOpenConns(besideConns)
	beside.SetMaxIdleConns(1)
	beside.SetConnMaxIdleTime(5 * time.Minute)
	where := place(u, q)
	return &DB{engine: engine{postgresDialect, where}, write: pool, read: pool, beside: beside, where: where, options: o, silence: quiet, beat: beatEvery, begun: &atomic.Int64{}}, nil
}

// sessions opens sessions that each have a name of their own, by which the server is
// asked about them. The number of its process would not do: behind a pooler the session
// has none, or several.
type sessions struct {
	cfg     pq.Config
	silence *silence
}

// Connect opens one.
func (s sessions) Connect(ctx context.Context) (driver.Conn, error) {
	cfg := s.cfg.Clone()
	cfg.ApplicationName = sessionName(cfg.ApplicationName)
	c, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, err
	}
	c.Dialer(dialer{silence: s.silence, session: cfg.ApplicationName})
	return c.Connect(ctx)
}

// Driver is PostgreSQL's.
func (s sessions) Driver() driver.Driver { return &pq.Driver{} }

// longestName is how many bytes of a session's name the server keeps.
const longestName = 63

// sessionName is a name of a session that no other one has, and that the server keeps
// as it is.
func sessionName(of string) string {
	of = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, of)
	id := NewID("")
	return of[:min(len(of), longestName-len(id))] + id
}

// atWork are the sessions of a server, and whether it works for them: not where it waits for
// us to say or to take something, nor where another server has to confirm what it has done.
const atWork = `SELECT application_name, coalesce(state = 'active' AND wait_event_type IS DISTINCT FROM 'Client' AND wait_event IS DISTINCT FROM 'SyncRep', false)
	FROM pg_stat_activity WHERE backend_type = 'client backend'`

// workingFor asks the server for its sessions, over a connection of its own that is closed
// when it is silent for as long as an answer may take.
func workingFor(cfg pq.Config) func(context.Context) (map[string]bool, error) {
	quiet := &silence{limit: answersWithin}
	quiet.bound.Store(true)
	return func(ctx context.Context) (map[string]bool, error) {
		own := cfg.Clone()
		own.ApplicationName = sessionName(own.ApplicationName)
		c, err := pq.NewConnectorConfig(own)
		if err != nil {
			return nil, err
		}
		c.Dialer(dialer{silence: quiet})
		db := sql.OpenDB(c)
		defer db.Close()
		rows, err := db.QueryContext(ctx, atWork)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		at := make(map[string]bool)
		for rows.Next() {
			var name string
			var works bool
			if err := rows.Scan(&name, &works); err != nil {
				return nil, err
			}
			at[name] = works
		}
		if _, known := called(at, own.ApplicationName); !known && rows.Err() == nil {
			return nil, errNoNames // a pooler keeps them to itself
		}
		return at, rows.Err()
	}
}

// withSSLMode completes the address, and returns its settings.
func withSSLMode(u *url.URL) url.Values {
	q := u.Query()
	if !q.Has("sslmode") {
		q.Set("sslmode", defaultSSLMode(u, q))
		u.RawQuery = q.Encode()
	}
	return q
}

// defaultSSLMode is never left to the driver, whose default may change.
func defaultSSLMode(u *url.URL, q url.Values) string {
	hosts := u.Hostname()
	if h := q.Get("host"); h != "" {
		hosts = h
	}
	for _, host := range strings.Split(hosts, ",") {
		if ip := net.ParseIP(host); !strings.HasPrefix(host, "/") && host != "" && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return "require"
		}
	}
	return "disable"
}

// place names the server and database for people, without user and settings.
func place(u *url.URL, q url.Values) string {
	host := u.Host
	if q.Get("host") != "" {
		host = named(q)
	}
	database := strings.TrimPrefix(u.Path, "/")
	if d := q.Get("dbname"); d != "" {
		database = d
	}
	return fmt.Sprintf("postgres://%s/%s", host, database)
}

// redact takes every form of the password out of a text.
func redact(text string, u *url.URL) string {
	secrets := []string{u.Query().Get("password"), url.QueryEscape(u.Query().Get("password"))}
	if p, ok := u.User.Password(); ok {
		secrets = append(secrets, p, url.PathEscape(p), url.QueryEscape(p), u.User.String())
	}
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "…")
		}
	}
	return text
}

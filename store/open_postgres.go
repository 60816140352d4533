package store

import (
	"database/sql"
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
	cfg.FallbackApplicationName = "goodstanding"
	cfg.BinaryParameters = true // a statement with arguments goes to the server and back once, not twice
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, &Fault{BadDSN, "the database address is not understood: " + redact(err.Error(), u), nil}
	}
	bound := &atomic.Bool{}
	connector.Dialer(dialer{limit: longestSilence, bound: bound})
	pool := sqlx.NewDb(sql.OpenDB(connector), "postgres")
	pool.SetMaxOpenConns(postgresConns)
	pool.SetMaxIdleConns(postgresConns) // for many who ask at once: a session that begins costs more than all that one of them asks
	pool.SetConnMaxIdleTime(5 * time.Minute)
	beside := sqlx.NewDb(sql.OpenDB(connector), "postgres")
	beside.SetMaxOpenConns(besideConns)
	beside.SetMaxIdleConns(1)
	beside.SetConnMaxIdleTime(5 * time.Minute)
	where := place(u, q)
	return &DB{engine: engine{postgresDialect, where}, write: pool, read: pool, beside: beside, where: where, options: o, bound: bound, begun: &atomic.Int64{}}, nil
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

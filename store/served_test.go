package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/migrations"
	"coopcloud.tech/goodstanding/store"
)

// TestWhoComesSecondFindsItDone: a daemon that works with a database is no reason to
// refuse it where it brought that up to date itself, while it was looked for; it is one
// where the schema is as old as it was, and where it is newer than what this program knows.
func TestWhoComesSecondFindsItDone(t *testing.T) {
	latest := latestSchema(t)
	for _, engine := range []string{"sqlite", "postgres"} {
		for name, tt := range map[string]struct {
			meanwhile func(t *testing.T, dsn string)
			problem   store.Problem // 0 for none
			want      string
		}{
			"nothing happens": {func(*testing.T, string) {}, store.AtWork, fmt.Sprintf(" has schema %d and this program works with schema %d, but a daemon works with it: "+
				"stop every daemon, make a backup, then bring it up to date (goodstanding migrate); until then use the program that the daemon runs, "+
				"and where that is this one start it again", latest-1, latest)},
			"it is brought up to date": {meanwhile: func(t *testing.T, dsn string) { open(t, dsn).Close() }},
			"it goes further": {func(t *testing.T, dsn string) {
				db := open(t, dsn)
				defer db.Close()
				store.Exec(t, db, fmt.Sprintf(`INSERT INTO %s (version_id, is_applied) VALUES (%d, TRUE)`, migrations.Table, latest+1))
			}, store.NewerSchema, fmt.Sprintf("this program knows schemas up to %d: use that version or a newer one", latest)},
		} {
			t.Run(engine+"/"+name, func(t *testing.T) {
				dsn := emptyDSN(t, engine)
				store.OpenAt(t, dsn, latest-1).Close()
				released := false
				db, err := store.Open(t.Context(), dsn, store.Options{Served: func(context.Context, *store.DB) (func(), bool, error) {
					tt.meanwhile(t, dsn)
					return func() { released = true }, true, nil
				}})
				if !released {
					t.Error("what keeps daemons out was not let go")
				}
				if tt.problem == 0 {
					if err != nil {
						t.Fatal(err)
					}
					defer db.Close()
					if schema, err := db.SchemaVersion(t.Context()); err != nil || schema != latest {
						t.Errorf("schema %d, %v", schema, err)
					}
					return
				}
				f, ok := errors.AsType[*store.Fault](err)
				if !ok || f.Problem != tt.problem || !strings.HasPrefix(f.Error(), "the database ") || !strings.HasSuffix(f.Error(), tt.want) {
					t.Errorf("got  %v\nwant … %s", err, tt.want)
				}
			})
		}
	}
}

package migrations

import (
	"io/fs"
	"maps"
	"testing"
)

func TestBothEnginesHaveTheSameLatest(t *testing.T) {
	lite, err1 := Latest("sqlite")
	post, err2 := Latest("postgres")
	if err1 != nil || err2 != nil || lite != post || lite < 1 {
		t.Errorf("sqlite %d (%v), postgres %d (%v)", lite, err1, post, err2)
	}
	files, err := Files("sqlite")
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil || int64(len(names)) != lite {
		t.Errorf("%d files for %d numbers, %v: numbers go up one by one", len(names), lite, err)
	}
}

func TestAnUnknownEngineIsAnError(t *testing.T) {
	if n, err := Latest("oracle"); err == nil || err.Error() != "migrations for oracle: none found" {
		t.Errorf("got %d, %v", n, err)
	}
}

func TestBothEnginesHaveTheSameTables(t *testing.T) {
	lite, err1 := Tables("sqlite")
	post, err2 := Tables("postgres")
	if err1 != nil || err2 != nil || !maps.Equal(lite, post) || len(lite) < 50 || !lite["decision_entry"] || lite[Table] {
		t.Errorf("%d and %d tables, %v, %v", len(lite), len(post), err1, err2)
	}
}

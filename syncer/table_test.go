package syncer

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// filled is a value with something else in each of its columns. It counts on from n; a
// number of several bytes is every third one, a negative one every fifth.
func filled(v reflect.Value, n *int64) {
	switch *n++; v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			filled(v.Field(i), n)
		}
	case reflect.Array:
		for i := range v.Len() {
			filled(v.Index(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			filled(v.Index(i), n)
		}
	case reflect.String:
		v.SetString(strings.Repeat("é", int(*n)) + fmt.Sprint(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint(uint64(*n))
	default:
		v.SetInt([]int64{*n, *n << 50, math.MaxInt64 - *n, math.MinInt64 + *n, -*n}[*n%5])
	}
}

// packs wants what is packed to be unpacked as it was, each column, in the order of all
// and at the ends of what a column holds.
func packs[K ~string, R any, P packing[R]](t *testing.T, key func(*R) *K) {
	t.Helper()
	var all table[K, R, P]
	want := map[K]R{}
	for n := range int64(200) {
		var row R
		filled(reflect.ValueOf(&row).Elem(), &n)
		if n%2 == 0 { // what is stored of it then is less
			var none R
			row = none
		}
		id := K(fmt.Sprint("id-", n))
		*key(&row) = id
		all.set(id, row)
		want[id] = row
		if n%7 == 0 {
			filled(reflect.ValueOf(&row).Elem(), &n)
			*key(&row) = id
			all.set(id, row)
			want[id] = row
		}
	}
	if diff := cmp.Diff(want, rows(&all)); diff != "" {
		t.Error(diff)
	}
	for id, row := range want {
		if got, known := all.get(id); !known || !reflect.DeepEqual(got, row) || !all.has(id) {
			t.Errorf("%+v came back as %+v", row, got)
		}
	}
	places := map[int]bool{}
	for id := range want {
		if place, known := all.place(id); !known || places[place] || place < 0 || place >= all.len() {
			t.Errorf("%s has the place %d", id, place)
		} else {
			places[place] = true
		}
	}
	if got, known := all.get("none"); known || all.has("none") || all.len() != len(want) || !reflect.ValueOf(&got).Elem().IsZero() {
		t.Errorf("of none there is %+v", got)
	}
	if ids := slices.Sorted(all.ids()); !slices.Equal(ids, slices.Sorted(maps.Keys(want))) {
		t.Errorf("the ids are %v", ids)
	}
}

// Each column of each row that is kept packed comes back as it was.
func TestWhatIsPacked(t *testing.T) {
	packs[member.AccountID, store.AccountRow, accountColumns](t, func(a *store.AccountRow) *member.AccountID { return &a.ID })
	packs[member.AccountID, store.AccountDetail, detailColumns](t, func(d *store.AccountDetail) *member.AccountID { return &d.Account })
	packs[string, store.ContributionRow, contributionColumns](t, func(c *store.ContributionRow) *string { return &c.ID })
	packs[string, store.ChargeRow, chargeColumns](t, func(c *store.ChargeRow) *string { return &c.ID })
	packs[string, store.CoverageRow, coverageColumns](t, func(v *store.CoverageRow) *string { return &v.Charge })
}

// A text that is the row's own id is told from one that is not.
func TestATextThatIsTheRowsId(t *testing.T) {
	for _, text := range []string{"", "or-1", "or-12", "or-"} {
		for _, id := range []string{"or-1", ""} {
			p, sent := packer{id: id, packs: true}, text
			p.text(&sent)
			var got string
			back := packer{id: id, from: string(p.to)}
			if back.text(&got); got != text || back.from != "" {
				t.Errorf("%q of %q came back as %q", text, id, got)
			}
		}
	}
}

// Instants of any distance come back.
func TestInstantsFarApart(t *testing.T) {
	all := []instant.Instant{0, math.MaxInt64, math.MinInt64, -1, 1, 0}
	p := packer{packs: true}
	for _, sent := range all {
		p.at(&sent)
	}
	back := packer{from: string(p.to)}
	for _, want := range all {
		var got instant.Instant
		if back.at(&got); got != want {
			t.Errorf("%d came back as %d", want, got)
		}
	}
}

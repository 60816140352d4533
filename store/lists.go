package store

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"
)

// Rows for PostgreSQL: one parameter for each column, a list of its values, and where all
// rows have the same the value itself. Else there is a parameter for each value, which the
// driver and the server take one by one: a seventh of what a ballot took this process.

// listHead is how many bytes stand before a list's values: dimensions, whether there are
// nulls, the type of each, how many, and the number of the first (PostgreSQL's array_recv).
const listHead = 5 * 4

// The types of columns, as PostgreSQL numbers and names them.
const (
	typeText   = 25
	typeBigint = 20
)

// listed is the statement that adds the rows from one place to another, and its arguments.
func (b *batch) listed(rows reflect.Value, from, to int, known int64) (query string, args []any) {
	var s, lists, names strings.Builder
	b.into(&s)
	s.WriteString("SELECT ")
	for i, c := range b.cols {
		value, list := b.column(c, rows, from, to, known, i > 0) // the first column says how many rows there are
		kind := "text"
		if _, whole := value.(int64); whole {
			kind = "bigint"
		}
		if i > 0 {
			s.WriteString(", ")
		}
		if list == nil {
			args = append(args, value)
			fmt.Fprintf(&s, "$%d::%s", len(args), kind)
			continue
		}
		if lists.Len() > 0 {
			lists.WriteString(", ")
			names.WriteString(", ")
		}
		args = append(args, list)
		s.WriteString(c.name)
		names.WriteString(c.name)
		fmt.Fprintf(&lists, "$%d::%s[]", len(args), kind)
	}
	fmt.Fprintf(&s, " FROM unnest(%s) AS l (%s) %s", lists.String(), names.String(), b.conflict)
	return s.String(), args
}

// column is what rows have in a column: a list in PostgreSQL's binary form, or, where
// that is asked for, nil and the value that all of them have.
func (b *batch) column(c column, rows reflect.Value, from, to int, known int64, same bool) (value any, list []byte) {
	value = b.value(c, rows.Index(from), known)
	if !same {
		list = appendValue(beginList(value, to-from), value)
	}
	for i := from + 1; i < to; i++ {
		v := b.value(c, rows.Index(i), known)
		if same = same && v == value; same {
			continue
		}
		if list == nil {
			list = beginList(value, to-from)
			for range i - from {
				list = appendValue(list, value)
			}
		}
		list = appendValue(list, v)
	}
	return value, list
}

func beginList(first any, rows int) []byte {
	kind, each := uint32(typeBigint), 8
	if text, is := first.(string); is {
		kind, each = typeText, len(text)+8
	}
	list := make([]byte, 0, listHead+rows*(4+each))
	for _, n := range []uint32{1, 0, kind, uint32(rows), 1} {
		list = binary.BigEndian.AppendUint32(list, n)
	}
	return list
}

func appendValue(list []byte, value any) []byte {
	switch v := value.(type) {
	case int64:
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(list, 8), uint64(v))
	case string:
		return append(binary.BigEndian.AppendUint32(list, uint32(len(v))), v...)
	}
	panic(fmt.Sprintf("store: no list holds a %T", value))
}

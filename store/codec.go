package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/money"
)

// This file is the one place where a Go field becomes a column and back. Every
// column of the schema is a whole number or a text:
//
//	bool                   0 or 1
//	any kind of integer    itself (instants are microseconds)
//	any kind of string     itself
//	money.Money            two columns, minor units and currency
//	a word of eligibility  the word, never its number, so that the order of
//	                       the Go constants may change
//	slices and maps        JSON
//
// A struct's fields name their columns in the tag `db`; embedded structs are
// flattened.

// words are the texts under which the enumerations of the rules are stored.
// They are part of the schema and never change.
var (
	intervalWords = map[eligibility.Interval]string{
		eligibility.OneOff: "one_off", eligibility.Monthly: "monthly", eligibility.Yearly: "yearly",
	}
	chargeWords = map[eligibility.ChargeKind]string{
		eligibility.ContributionCharge: "contribution", eligibility.AddedFunds: "added_funds",
	}
	membershipWords = map[eligibility.MembershipKind]string{
		eligibility.Applied: "applied", eligibility.Admitted: "admitted", eligibility.Left: "left",
		eligibility.Paused: "paused", eligibility.Resumed: "resumed", eligibility.Suspended: "suspended",
		eligibility.Restored: "restored", eligibility.NoAccount: "no_account", eligibility.Linkable: "linkable",
	}
	profileWords = map[eligibility.ProfileKind]string{
		eligibility.HasProfile: "has_profile", eligibility.Consents: "consents", eligibility.Approved: "approved",
	}
	stateWords = func() map[eligibility.State]string {
		m := make(map[eligibility.State]string)
		for s := eligibility.StateLeft; s.String() != ""; s++ {
			m[s] = s.String()
		}
		return m
	}()
)

// column is one column of a struct.
type column struct {
	name   string
	index  []int
	encode func(reflect.Value) any
	decode func(to reflect.Value, src any) error
}

// columnsKnown are the columns of types that were asked for: each statement asks, and
// there are some hundred types.
var columnsKnown sync.Map // []column by reflect.Type

// columnsOf lists the columns of a struct type in the order of its fields. The list is
// shared, and nobody changes it.
func columnsOf(t reflect.Type) []column {
	if known, ok := columnsKnown.Load(t); ok {
		return known.([]column)
	}
	cols := listColumns(t)
	columnsKnown.Store(t, cols)
	return cols
}

func listColumns(t reflect.Type) []column {
	var cols []column
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			for _, c := range columnsOf(f.Type) {
				c.index = append([]int{i}, c.index...)
				cols = append(cols, c)
			}
			continue
		}
		tag, ok := f.Tag.Lookup("db")
		if !ok {
			continue
		}
		cols = append(cols, fieldColumns(f, tag)...)
	}
	return cols
}

func fieldColumns(f reflect.StructField, tag string) []column {
	if f.Type == reflect.TypeFor[money.Money]() {
		minor, currency, _ := strings.Cut(tag, ",")
		amount := scalar(minor, reflect.TypeFor[int64]())
		amount.index = append([]int{}, f.Index[0], 0)
		code := scalar(currency, reflect.TypeFor[money.Currency]())
		code.index = append([]int{}, f.Index[0], 1)
		return []column{amount, code}
	}
	c := scalar(tag, f.Type)
	c.index = f.Index
	return []column{c}
}

// scalar is the codec of one field type.
func scalar(name string, t reflect.Type) column {
	c := column{name: name, encode: encodePlain, decode: decodePlain}
	switch t {
	case reflect.TypeFor[eligibility.Interval]():
		worded(&c, intervalWords)
	case reflect.TypeFor[eligibility.ChargeKind]():
		worded(&c, chargeWords)
	case reflect.TypeFor[eligibility.MembershipKind]():
		worded(&c, membershipWords)
	case reflect.TypeFor[eligibility.ProfileKind]():
		worded(&c, profileWords)
	case reflect.TypeFor[eligibility.State]():
		worded(&c, stateWords)
	case reflect.TypeFor[money.Currency]():
		c.encode = func(v reflect.Value) any { return v.Interface().(money.Currency).String() }
		c.decode = decodeCurrency
	default:
		if k := t.Kind(); k == reflect.Slice || k == reflect.Map {
			c.encode = encodeJSON
			c.decode = decodeJSON
		}
	}
	return c
}

func encodePlain(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Bool:
		return bit(v.Bool())
	case reflect.String:
		return v.String()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	}
	panic(fmt.Sprintf("store: no column for a %s", v.Type()))
}

// bit is a flag as both engines keep it.
func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func encodeJSON(v reflect.Value) any {
	if v.Len() == 0 {
		if v.Kind() == reflect.Map {
			return "{}"
		}
		return "[]"
	}
	b, err := json.Marshal(v.Interface())
	if err != nil { // slices and maps of strings and integers always marshal
		panic(fmt.Sprintf("store: %s as JSON: %v", v.Type(), err))
	}
	return string(b)
}

// worded makes c the codec of an enumeration that is stored as a word. A value
// without a word is stored as "", which the column's check refuses.
func worded[E comparable](c *column, names map[E]string) {
	c.encode = func(v reflect.Value) any { return names[v.Interface().(E)] }
	values := make(map[string]E, len(names))
	for e, w := range names {
		values[w] = e
	}
	c.decode = func(to reflect.Value, src any) error {
		s, err := textOf(src)
		if err != nil {
			return err
		}
		e, ok := values[s]
		if !ok {
			return fmt.Errorf("the word %q is not one this version knows", s)
		}
		*to.Addr().Interface().(*E) = e
		return nil
	}
}

// decodePlain is what database/sql would do, without asking again for each value what
// it has to do with.
func decodePlain(to reflect.Value, src any) error {
	if own, ok := to.Addr().Interface().(sql.Scanner); ok {
		return own.Scan(src)
	}
	switch to.Kind() {
	case reflect.String:
		s, err := textOf(src)
		if err == nil {
			to.SetString(s)
		}
		return err
	case reflect.Bool:
		if n, ok := src.(int64); ok && (n == 0 || n == 1) {
			to.SetBool(n == 1)
			return nil
		}
		return fmt.Errorf("want 0 or 1, got %v", src)
	}
	n, ok := src.(int64)
	if !ok || to.OverflowInt(n) {
		return fmt.Errorf("want a whole number, got %T", src)
	}
	to.SetInt(n)
	return nil
}

func decodeCurrency(to reflect.Value, src any) error {
	s, err := textOf(src)
	if err != nil {
		return err
	}
	c := to.Addr().Interface().(*money.Currency)
	if len(s) != len(c) { // the schema's check lets nothing else in
		return fmt.Errorf("%q is not a currency", s)
	}
	copy(c[:], s)
	return nil
}

func decodeJSON(to reflect.Value, src any) error {
	s, err := textOf(src)
	if err != nil {
		return err
	}
	if s == "[]" || s == "{}" || s == "" {
		to.SetZero()
		return nil
	}
	return json.Unmarshal([]byte(s), to.Addr().Interface())
}

// cell is one column of the row that is read: rows.Scan writes to it.
type cell struct {
	column
	to reflect.Value
}

// Scan takes what the driver has read.
func (c *cell) Scan(src any) error { return c.decode(c.to, src) }

func textOf(src any) (string, error) {
	switch x := src.(type) {
	case string:
		return x, nil
	case []byte:
		return string(x), nil
	}
	return "", fmt.Errorf("want a text, got %T", src)
}

// names is the column list of a struct for a query, each with the prefix.
func names[T any](prefix string) string { return namesOf(reflect.TypeFor[T](), prefix) }

func namesOf(t reflect.Type, prefix string) string {
	cols := columnsOf(t)
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = prefix + c.name
	}
	return strings.Join(out, ", ")
}

// selectRows runs a query whose columns are, in this order, those of T.
func selectRows[T any](ctx context.Context, tx *Tx, query string, args ...any) ([]T, error) {
	var out []T
	err := selectInto(ctx, tx, reflect.ValueOf(&out).Elem(), query, args)
	return out, err
}

// selectInto is selectRows into a list that is known by reflection, so that it is
// compiled once and not for every type of row.
func selectInto(ctx context.Context, tx *Tx, list reflect.Value, query string, args []any) error {
	tx.queries++
	defer tx.q.pulse.reading()()
	rows, err := tx.q.all(ctx, query, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	defer tx.q.pulse.spoke()
	cols := columnsOf(list.Type().Elem())
	cells, targets := make([]cell, len(cols)), make([]any, len(cols))
	for i, c := range cols {
		cells[i].column, targets[i] = c, &cells[i]
	}
	for rows.Next() {
		n := list.Len()
		if n == list.Cap() {
			list.Grow(1)
		}
		list.SetLen(n + 1)
		row := list.Index(n)
		for i := range cells {
			cells[i].to = row.FieldByIndex(cells[i].index)
		}
		if err := rows.Scan(targets...); err != nil {
			list.SetZero()
			return err
		}
	}
	return rows.Err()
}

// selectOne is selectRows for at most one row; ok is false when there is none.
func selectOne[T any](ctx context.Context, tx *Tx, query string, args ...any) (v T, ok bool, err error) {
	rows, err := selectRows[T](ctx, tx, query, args...)
	if err != nil || len(rows) == 0 {
		return v, false, err
	}
	return rows[0], true, nil
}

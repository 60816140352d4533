package policy

import "coopcloud.tech/goodstanding/eligibility"

// option is a word of the file and what it means.
type option[T any] struct {
	word  string
	means T
}

// words are options that mean themselves.
func words[T ~string](all ...T) []option[T] {
	out := make([]option[T], len(all))
	for i, v := range all {
		out[i] = option[T]{string(v), v}
	}
	return out
}

func wordsOf[T any](options []option[T]) []string {
	out := make([]string, len(options))
	for i, o := range options {
		out[i] = o.word
	}
	return out
}

// wordFor is how the file writes a value.
func wordFor[T comparable](options []option[T], v T) string {
	for _, o := range options {
		if o.means == v {
			return o.word
		}
	}
	return ""
}

// choose reads one of the words; an absent field means otherwise.
func choose[T any](f field, otherwise T, options []option[T]) (v T, ok bool) {
	if f.absent() {
		return otherwise, true
	}
	all := wordsOf(options)
	s, ok := f.text("one of " + join(all, "or"))
	if !ok {
		return otherwise, false
	}
	for _, o := range options {
		if o.word == s {
			return o.means, true
		}
	}
	f.fault("%q is not known here; the nearest word is %q (write %s)", clip(s), nearest(s, all), join(all, "or"))
	return otherwise, false
}

// chooseSeveral reads a list of different words, at least one.
func chooseSeveral[T comparable](f field, example string, options []option[T]) (out []T) {
	items, ok := f.items(example)
	if ok && len(items) == 0 {
		f.fault("the list is empty; write a list such as %s", example)
	}
	var none T
	for _, item := range items {
		v, ok := choose(item, none, options)
		if !ok {
			continue
		}
		for _, had := range out {
			if had == v {
				item.fault("%s stands there twice: write it once", wordFor(options, v))
			}
		}
		out = append(out, v)
	}
	return out
}

// The words for what eligibility holds as numbers.
var (
	intervals = []option[eligibility.Interval]{{"monthly", eligibility.Monthly}, {"yearly", eligibility.Yearly}}
	duesModes = []option[eligibility.DuesMode]{{"enforced", eligibility.Enforced}, {"advisory", eligibility.Advisory}, {"off", eligibility.Off}}
	oneOffs   = []option[eligibility.OneOffRule]{{"ignore", eligibility.IgnoreOneOff}, {"added_funds", eligibility.AddedFundsCount}, {"buys_months", eligibility.OneOffBuysMonths}}
)

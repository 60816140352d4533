package web

import (
	"regexp"
	"strconv"

	"coopcloud.tech/goodstanding/decisions"
)

// comparison is two texts of a decision side by side.
type comparison struct {
	From, To int // the texts, from 1
	Fields   []comparedField
	Pairs    []textPair // the other pairs
}

type textPair struct {
	To   int
	From int
	Here bool
}

type comparedField struct {
	Title       string
	Left, Right []piece
}

// piece is a part of a text; Changed: the other text does not have it.
type piece struct {
	Text    string
	Changed bool
}

// compared puts a text of the decision beside the one before it: the newest, or
// the one that the query asks for. It is nil where there is only one.
func (r *reading) compared(d *decisions.Decision) *comparison {
	n := len(d.Revisions)
	if n < 2 {
		return nil
	}
	to, err := strconv.Atoi(r.v.r.URL.Query().Get("text"))
	if err != nil || to < 2 || to > n {
		to = n
	}
	c := &comparison{From: to - 1, To: to}
	for i := 2; i <= n; i++ {
		c.Pairs = append(c.Pairs, textPair{i, i - 1, i == to})
	}
	c.Fields = r.comparedTexts(&d.Revisions[to-2], &d.Revisions[to-1])
	return c
}

// comparedTexts puts two texts beside each other, field by field: those that differ.
func (r *reading) comparedTexts(a, b *decisions.Text) (out []comparedField) {
	for _, f := range []struct{ title, a, b string }{
		{"Title", a.Title, b.Title}, {"What changes", a.Changes, b.Changes}, {"Whom it affects", a.Affects, b.Affects},
		{"Discussion", a.Channel, b.Channel}, {"Write-up", a.Link, b.Link}, {"Rules", a.Attachment, b.Attachment},
	} {
		if f.a != f.b || f.title == "What changes" {
			left, right := sideBySide(f.a, f.b)
			out = append(out, comparedField{r.say(f.title), left, right})
		}
	}
	return out
}

var words = regexp.MustCompile(`\s+|[^\s]+`)

// mostCompared bounds the work of a comparison: longer texts stand side by side
// without marks.
const mostCompared = 1200

// sideBySide marks the words in which two texts differ.
func sideBySide(a, b string) (left, right []piece) {
	x, y := words.FindAllString(a, -1), words.FindAllString(b, -1)
	if len(x) > mostCompared || len(y) > mostCompared {
		return []piece{{Text: a}}, []piece{{Text: b}}
	}
	// same[i][j] is how much x[i:] and y[j:] have in common, in their order.
	same := make([][]uint16, len(x)+1)
	for i := range same {
		same[i] = make([]uint16, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				same[i][j] = same[i+1][j+1] + 1
			} else {
				same[i][j] = max(same[i+1][j], same[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			left, right = joined(left, x[i], false), joined(right, y[j], false)
			i, j = i+1, j+1
		case j == len(y) || i < len(x) && same[i+1][j] >= same[i][j+1]:
			left = joined(left, x[i], true)
			i++
		default:
			right = joined(right, y[j], true)
			j++
		}
	}
	return left, right
}

func joined(to []piece, text string, changed bool) []piece {
	if n := len(to); n > 0 && to[n-1].Changed == changed {
		to[n-1].Text += text
		return to
	}
	return append(to, piece{text, changed})
}

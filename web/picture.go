package web

import (
	"fmt"
	"math"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/tongue"
)

// Pictures are SVG made on the server. Each has a title for those who do not see
// it, and stands beside a table or a list that says the same.

// tallyPicture is how members have answered: a dot for each where they are few,
// else a bar.
type tallyPicture struct {
	Title         string
	Width, Height int
	Dots          []dot
	Bars          []bar
	Rows          []tallyRow // the table beside it
}

// tallyRow counts one answer.
type tallyRow struct {
	Class, Words string
	Count        int
}

// dot is one member, bar a part of the bar. The class gives the colour, the shape
// says the same to who sees no colours.
type dot struct {
	Class string
	X, Y  int
}

type bar struct {
	Class    string
	X, Width int
}

// The measures of a tally's picture, in its own units.
const (
	dotStep    = 24
	dotsAcross = 20
	mostDots   = 60
	barWidth   = dotStep * dotsAcross
	barHeight  = 28
	barLeast   = 5 // so that one answer among thousands is seen
)

var tallyWords = map[decisions.Answer]string{decisions.Favour: "in favour", decisions.Abstain: "abstain", decisions.Against: "against", decisions.Block: "block"}

// tallyOf draws a tally. Of a decision that is over, those who were waited for did
// not answer.
func tallyOf(in *tongue.Tongue, t *decisions.Tally, answers []decisions.Answer, over bool) *tallyPicture {
	counts := map[decisions.Answer]int{decisions.Favour: t.Favour, decisions.Abstain: t.Abstain, decisions.Against: t.Against, decisions.Block: t.Block}
	words := tallyWords
	p := &tallyPicture{Width: barWidth}
	for _, a := range []decisions.Answer{decisions.Favour, decisions.Abstain, decisions.Against, decisions.Block} {
		offered := counts[a] > 0
		for _, b := range answers {
			offered = offered || a == b
		}
		if offered {
			p.Rows = append(p.Rows, tallyRow{string(a), in.Say(words[a]), counts[a]})
		}
	}
	rest := "waited for"
	if over {
		rest = "did not answer"
	}
	p.Rows = append(p.Rows, tallyRow{"waiting", in.Say(rest), len(t.Waiting)})
	total := 0
	for i, r := range p.Rows {
		if i > 0 {
			p.Title += ", "
		}
		p.Title += fmt.Sprintf("%d %s", r.Count, r.Words)
		total += r.Count
	}
	switch {
	case total == 0:
		p.Title, p.Height = in.Say("Nobody could answer yet"), barHeight
	case total <= mostDots:
		p.dots(total)
	default:
		p.bars(total)
	}
	return p
}

func (p *tallyPicture) dots(total int) {
	p.Height = (total + dotsAcross - 1) / dotsAcross * dotStep
	p.Width = min(total, dotsAcross) * dotStep
	i := 0
	for _, r := range p.Rows {
		for range r.Count {
			p.Dots = append(p.Dots, dot{r.Class, i%dotsAcross*dotStep + dotStep/2, i/dotsAcross*dotStep + dotStep/2})
			i++
		}
	}
}

// bars gives every answer that somebody gave a part that is seen, and the rest of
// the width by their number.
func (p *tallyPicture) bars(total int) {
	p.Height = barHeight
	there := 0
	for _, r := range p.Rows {
		if r.Count > 0 {
			there++
		}
	}
	free, x, last := barWidth-there*barLeast, 0, 0
	for i, r := range p.Rows {
		if r.Count == 0 {
			continue
		}
		w := barLeast + free*r.Count/total
		p.Bars = append(p.Bars, bar{r.Class, x, w})
		x, last = x+w, i
	}
	if n := len(p.Bars); n > 0 && last >= 0 {
		p.Bars[n-1].Width += barWidth - x // what dividing left over
	}
}

// seedsPicture shows how many the members are, as the seeds of a sunflower: one
// seed for each, or for several where they are many.
type seedsPicture struct {
	Title string
	Size  int
	Seeds []seed
	Each  int // how many members one seed stands for
}

type seed struct {
	Class string
	X, Y  string
	R     int
}

// The measures of the picture, in its own units.
const (
	seedsSize = 320
	mostSeeds = 240
	seedShare = 0.62 // of the step from seed to seed that a seed's radius takes
)

// seedsOf draws the members, providers among them in another colour and nearest
// to the middle.
func seedsOf(t *tongue.Tongue, members, providers int) *seedsPicture {
	p := &seedsPicture{Size: seedsSize, Each: max(1, (members+mostSeeds-1)/mostSeeds), Title: t.Count(members, "member", "members")}
	if providers > 0 {
		p.Title += ", " + t.Count(providers, "provider among them", "providers among them")
	}
	n := (members + p.Each - 1) / p.Each
	first := (providers + p.Each - 1) / p.Each
	// The seeds fill the disc, whatever their number; a few are not blown up.
	step := math.Min(46, float64(seedsSize/2-2)/(math.Sqrt(float64(n))+seedShare))
	for i := range n {
		turn, out := float64(i)*math.Pi*(3-math.Sqrt(5)), step*math.Sqrt(float64(i)+0.5)
		if n == 1 {
			out = 0
		}
		class := "member"
		if i < first {
			class = "provider"
		}
		at := func(f float64) string { return fmt.Sprintf("%.1f", seedsSize/2+out*f) }
		p.Seeds = append(p.Seeds, seed{class, at(math.Cos(turn)), at(math.Sin(turn)), max(3, int(step*seedShare))})
	}
	return p
}

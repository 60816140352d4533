package fakeoc

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

//go:embed testdata/film
var filmFiles embed.FS

const filmDir = "testdata/film"

// Scene is one state of the filmed collective.
type Scene struct {
	Step int
	// RecordedAt is when the scene's answers were taken, cut to the second.
	RecordedAt instant.Instant
	// Action is what had been done to the collective since the scene before, as the
	// film notes it ("cancel ccf-bravo"); "" for the first scene.
	Action string
	// Words says the same in a sentence.
	Words string
	// Orders, Transactions and Refunds are how many rows there are.
	Orders, Transactions, Refunds int
}

// Film is a recorded collective with a current scene; the first one at the
// start. It is safe for concurrent use.
type Film struct {
	slug    string
	scenes  []*scene
	current atomic.Int64
}

// scene is a Scene with who answers in it.
type scene struct {
	Scene
	server *Server
}

// filmToken stands for any token that a client brings: the film was recorded
// with an administrator's.
const filmToken = "film"

// meta is what the film notes of a scene.
type meta struct {
	Step         int       `json:"step"`
	RecordedAt   time.Time `json:"recordedAt"`
	Slug         string    `json:"slug"`
	Action       []string  `json:"action"`
	Orders       int       `json:"orders"`
	Transactions int       `json:"transactions"`
	Refunds      int       `json:"refunds"`
}

// NewFilm loads the film that ships with the program.
func NewFilm() (*Film, error) {
	dirs, err := filmFiles.ReadDir(filmDir)
	if err != nil {
		return nil, fmt.Errorf("load the film: %w", err)
	}
	f := &Film{}
	for _, d := range dirs {
		if !d.IsDir() {
			continue
		}
		m, s, err := loadScene(path.Join(filmDir, d.Name()), len(f.scenes))
		if err != nil {
			return nil, fmt.Errorf("load the film, scene %s: %w", d.Name(), err)
		}
		if m.Step != len(f.scenes) || (f.slug != "" && m.Slug != f.slug) {
			return nil, fmt.Errorf("load the film, scene %s: want step %d of one collective", d.Name(), len(f.scenes))
		}
		f.slug = m.Slug
		f.scenes = append(f.scenes, s)
	}
	if len(f.scenes) == 0 {
		return nil, fmt.Errorf("load the film: it has no scene")
	}
	return f, nil
}

// Slug is the filmed collective's slug.
func (f *Film) Slug() string { return f.slug }

// Scenes lists the scenes in order.
func (f *Film) Scenes() []Scene {
	all := make([]Scene, len(f.scenes))
	for i, s := range f.scenes {
		all[i] = s.Scene
	}
	return all
}

// Show makes a scene the one that is served from now on.
func (f *Film) Show(step int) error {
	if step < 0 || step >= len(f.scenes) {
		return fmt.Errorf("the film has no scene %d: it has 0 to %d", step, len(f.scenes)-1)
	}
	f.current.Store(int64(step))
	return nil
}

// Clock is what time it is in a scene: the second after RecordedAt, because some
// of its facts lie within that second. A step outside the film counts as its
// nearest scene.
func (f *Film) Clock(step int) instant.Instant {
	s := f.scenes[min(max(step, 0), len(f.scenes)-1)]
	return instant.Of(s.RecordedAt.Time().Truncate(time.Second).Add(time.Second))
}

func (f *Film) showing() *scene { return f.scenes[f.current.Load()] }

func loadScene(dir string, step int) (meta, *scene, error) {
	var m meta
	if err := readJSON(path.Join(dir, "meta.json"), &m); err != nil {
		return m, nil, err
	}
	r, err := FilmRecording(step)
	if err != nil {
		return m, nil, err
	}
	w, err := FromRecording(r, uint64(step), filmToken)
	if err != nil {
		return m, nil, err
	}
	return m, &scene{server: NewServer(w, ServerOptions{NoLimit: true}), Scene: Scene{
		Step: m.Step, RecordedAt: instant.Of(m.RecordedAt), Action: strings.Join(m.Action, "; "), Words: words(m.Action),
		Orders: m.Orders, Transactions: m.Transactions, Refunds: m.Refunds,
	}}, nil
}

// ServeHTTP answers as upstream did in the scene that is shown: as to an
// administrator whoever brings a personal token, as to nobody whoever does not.
func (f *Film) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Personal-Token") != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Personal-Token", filmToken)
	}
	f.showing().server.ServeHTTP(w, r)
}

func readJSON(name string, into any) error {
	b, err := filmFiles.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// words says what a film's action did; an action that is not known here is
// given as it stands.
func words(action []string) string {
	if len(action) == 0 {
		return "The collective as it is at the start."
	}
	all := make([]string, len(action))
	for i, a := range action {
		all[i] = sentence(a)
	}
	return strings.Join(all, " ")
}

func sentence(action string) string {
	part := strings.Fields(action)
	arg := func(i int) string {
		if i < len(part) {
			return part[i]
		}
		return ""
	}
	who := arg(1)
	switch arg(0) {
	case "error":
		return who + "'s payment fails for the first time."
	case "charge":
		return who + " is charged again, and pays."
	case "cancel":
		return who + " cancels its contribution."
	case "amount":
		return who + " changes its contribution to GBP " + pounds(arg(2)) + "."
	case "refund":
		return who + "'s last payment is refunded."
	case "rename":
		return who + " is called " + arg(2) + " from now on."
	case "join":
		amount, interval, _ := strings.Cut(arg(2), ":")
		return who + " joins with GBP " + pounds(amount) + " a " + interval + "."
	case "pause":
		return who + "'s contribution is paused."
	case "delete":
		return who + "'s account is deleted on Open Collective."
	}
	return action
}

func pounds(minor string) string {
	n, err := strconv.Atoi(minor)
	if err != nil {
		return minor
	}
	return fmt.Sprintf("%d.%02d", n/100, n%100)
}

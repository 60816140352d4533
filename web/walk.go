package web

// Route is one thing that can be asked for, as who walks over all of them sees it.
type Route struct {
	// Method is empty for what the API answers.
	Method, Path string
	// Audience is who may ask: everybody, entrance (the way in and out, for everybody),
	// persons (who is signed in), treasurers.
	Audience string
}

// Routes are all there are, in the order of the routes file.
func Routes() (out []Route) {
	for _, r := range routes() {
		out = append(out, Route{r.method, r.path, r.who.String()})
	}
	return out
}

// String is the audience's name.
func (a audience) String() string {
	return [...]string{everybody: "everybody", entrance: "entrance", persons: "persons", treasurers: "treasurers"}[a]
}

package web

// Route is one thing that can be asked for, as who walks over all of them sees it.
type Route struct {
	Method string // empty for what the API answers
	Path   string // a name in braces stands for one segment, or for what is before an ending
}

// Routes are all there are, in the order of the routes file.
func Routes() (out []Route) {
	for _, r := range routes() {
		out = append(out, Route{r.method, r.path})
	}
	return out
}

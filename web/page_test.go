package web

import "testing"

// Pages are read when somebody asks for them; a fault in one must not wait for that.
func TestEveryPageCanBeRead(t *testing.T) {
	seen := 0
	for lang, all := range pages {
		for name, read := range all {
			func() {
				defer func() {
					if fault := recover(); fault != nil {
						t.Errorf("the page %s in %s: %v", name, lang, fault)
					}
				}()
				if read().Lookup("base") == nil {
					t.Errorf("the page %s in %s has no layout", name, lang)
				}
			}()
			seen++
		}
	}
	if seen < 50 {
		t.Errorf("only %d pages were found", seen)
	}
}

package opencollective

import (
	"encoding/json"
	"fmt"
)

// printed is an error in every form in which somebody may log it.
func printed(err error) []string {
	asJSON, _ := json.Marshal(err)
	return []string{err.Error(), fmt.Sprintf("%v", err), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err), string(asJSON)}
}

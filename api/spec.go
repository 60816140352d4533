package api

import (
	_ "embed" // the documents are part of the program
	"sync"
)

// The documents that describe the API. openapi.json and the schema of the
// provider list are made from openapi.yaml by a test (go test ./api -update).
var (
	//go:embed openapi.yaml
	openAPIYAMLText []byte
	//go:embed openapi.json
	openAPIJSONText []byte
	//go:embed providers.schema.json
	providersSchemaText []byte

	openAPIYAML         = onceAsked(kindYAML, openAPIYAMLText)
	openAPIJSON         = onceAsked(kindJSON, openAPIJSONText)
	providersJSONSchema = onceAsked(kindSchema, providersSchemaText)
)

// onceAsked compresses a document when it is first asked for: doing so for all takes
// every command 50 ms.
func onceAsked(kind string, content []byte) func() *body {
	return sync.OnceValue(func() *body { return newBody(kind, content) })
}

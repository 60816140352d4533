package api

import (
	_ "embed" // the documents are part of the program
	"sync"

	"go.yaml.in/yaml/v3"
)

// The documents that describe the API. The schema of the provider list is made from
// openapi.yaml by a test (go test ./api -update), openapi.json when it is first asked for.
var (
	//go:embed openapi.yaml
	openAPIYAMLText []byte
	//go:embed providers.schema.json
	providersSchemaText []byte

	openAPIYAML         = sync.OnceValue(func() *body { return newBody(kindYAML, openAPIYAMLText) })
	openAPIJSON         = sync.OnceValue(func() *body { return jsonBody(openAPI()) })
	providersJSONSchema = sync.OnceValue(func() *body { return newBody(kindSchema, providersSchemaText) })
)

// openAPI is what openapi.yaml says.
func openAPI() (doc map[string]any) {
	if err := yaml.Unmarshal(openAPIYAMLText, &doc); err != nil {
		panic("api: openapi.yaml is part of the program: " + err.Error())
	}
	return doc
}

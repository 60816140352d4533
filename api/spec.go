package api

import _ "embed" // the documents are part of the program

// The documents that describe the API. openapi.json and the schema of the
// provider list are made from openapi.yaml by a test (go test ./api -update).
var (
	//go:embed openapi.yaml
	openAPIYAMLText []byte
	//go:embed openapi.json
	openAPIJSONText []byte
	//go:embed providers.schema.json
	providersSchemaText []byte

	openAPIYAML         = newBody(kindYAML, openAPIYAMLText)
	openAPIJSON         = newBody(kindJSON, openAPIJSONText)
	providersJSONSchema = newBody(kindSchema, providersSchemaText)
)

// Plain YAML and JSON: go-yaml v2 and encoding/json, into the types that the registry reads them into.

package main

import (
	"encoding/json"
	"fmt"

	"gopkg.in/yaml.v2"
)

// judgeYAML reads the first document into what go-ucfg has it read into.
func judgeYAML(asked request) answer {
	var value any
	if err := yaml.Unmarshal(asked.Input, &value); err != nil {
		return refused(err)
	}
	return ok(show(value))
}

// judgeOrderedYAML shows what no registry sees: all pairs in their order, duplicates included. go-yaml loses
// pairs of a merge this way.
func judgeOrderedYAML(asked request) answer {
	// Only a target that is a yaml.MapSlice itself makes those below ones, too; a list gives it to its
	// items, and a scalar is none.
	var pairs yaml.MapSlice
	if err := yaml.Unmarshal(asked.Input, &pairs); err == nil {
		return ok(show(pairs))
	}
	var items []yaml.MapSlice
	if err := yaml.Unmarshal(asked.Input, &items); err == nil {
		values := make([]any, len(items))
		for i, item := range items {
			values[i] = item
		}
		return ok(show(values))
	}
	return judgeYAML(asked)
}

// judgePipeline reads an ingest pipeline.
func judgePipeline(asked request) answer {
	var pipeline map[string]any
	var err error
	switch asked.Extension {
	case ".json":
		err = json.Unmarshal(asked.Input, &pipeline)
	case ".yml":
		err = yaml.Unmarshal(asked.Input, &pipeline)
	default:
		err = fmt.Errorf("no pipeline has the extension %q", asked.Extension)
	}
	if err != nil {
		return refused(err)
	}
	return ok(show(pipeline))
}

// judgeFields reads a file that lists fields; that lists of them are flattened and searched later is the
// registry's own doing.
func judgeFields(asked request) answer {
	var fields []map[string]any
	if err := yaml.Unmarshal(asked.Input, &fields); err != nil {
		return refused(err)
	}
	return ok(show(fields))
}

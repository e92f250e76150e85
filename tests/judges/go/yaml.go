// Plain YAML and JSON: go-yaml v2 and encoding/json, with the registry's target types.

package main

import (
	"encoding/json"
	"fmt"

	"gopkg.in/yaml.v2"
)

// judgeYAML reads the first document into go-ucfg's target type.
func judgeYAML(req request) answer {
	var value any
	if err := yaml.Unmarshal(req.Input, &value); err != nil {
		return refused(err)
	}
	return ok(show(value))
}

// judgeOrderedYAML returns what the registry does not see: all pairs in order, including duplicates. go-yaml
// loses pairs of a merge in this mode.
func judgeOrderedYAML(req request) answer {
	// Only a target that is a yaml.MapSlice itself makes nested maps MapSlices, too; a list passes that on to its
	// items, and a scalar cannot be decoded into it.
	var pairs yaml.MapSlice
	if err := yaml.Unmarshal(req.Input, &pairs); err == nil {
		return ok(show(pairs))
	}
	var items []yaml.MapSlice
	if err := yaml.Unmarshal(req.Input, &items); err == nil {
		values := make([]any, len(items))
		for i, item := range items {
			values[i] = item
		}
		return ok(show(values))
	}
	return judgeYAML(req)
}

// judgePipeline parses an ingest pipeline.
func judgePipeline(req request) answer {
	var pipeline map[string]any
	var err error
	switch req.Extension {
	case ".json":
		err = json.Unmarshal(req.Input, &pipeline)
	case ".yml":
		err = yaml.Unmarshal(req.Input, &pipeline)
	default:
		err = fmt.Errorf("unknown extension %q of a pipeline", req.Extension)
	}
	if err != nil {
		return refused(err)
	}
	return ok(show(pipeline))
}

// judgeFields parses a file that lists fields; flattening and searching these lists is done by
// the registry itself.
func judgeFields(req request) answer {
	var fields []map[string]any
	if err := yaml.Unmarshal(req.Input, &fields); err != nil {
		return refused(err)
	}
	return ok(show(fields))
}

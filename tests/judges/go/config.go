// Manifests: go-ucfg over go-yaml v2, where dots in keys separate a path.

package main

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/elastic/go-ucfg"
	"github.com/elastic/go-ucfg/yaml"
	yamlv2 "gopkg.in/yaml.v2"
)

// attempts is how often a manifest with colliding keys is read: go-ucfg processes keys in random order, and
// the result depends on it. Of two keys, one comes first seven times in eight.
const attempts = 64

// judgeConfig returns the values, and the texts that the registry would read from them.
func judgeConfig(req request) answer {
	read := func() answer { return readConfig(req.Input) }
	different := []answer{withoutPanic(read)}
	var value any
	if err := yamlv2.Unmarshal(req.Input, &value); err != nil || !keysCollide(value) {
		return different[0]
	}
	seen := [][]byte{asJSON(withoutMessage(different[0]))}
	for range attempts - 1 {
		answered := withoutPanic(read)
		verdict := asJSON(withoutMessage(answered))
		isSame := func(earlier []byte) bool { return bytes.Equal(earlier, verdict) }
		if !slices.ContainsFunc(seen, isSame) {
			seen = append(seen, verdict)
			different = append(different, answered)
		}
	}
	if len(different) == 1 {
		return different[0]
	}
	return answer{Varies: different}
}

// keysCollide returns whether two keys of a map, at any depth, have the same path: `a` and `a.b`, or `1` and `01`.
func keysCollide(value any) bool {
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, keysCollide)
	case map[any]any:
		firsts := map[string]bool{}
		for key, below := range value {
			text, _ := key.(string)
			first, _, _ := strings.Cut(text, ".")
			if number, err := strconv.ParseInt(first, 0, 64); err == nil {
				first = strconv.FormatInt(number, 10)
			}
			if firsts[first] || keysCollide(below) {
				return true
			}
			firsts[first] = true
		}
	}
	return false
}

// withoutMessage removes an error's message, which also depends on the order of keys.
func withoutMessage(answered answer) answer {
	if answered.Refused != nil {
		return answer{Refused: new(string)}
	}
	return answered
}

func readConfig(input []byte) answer {
	options := []ucfg.Option{ucfg.PathSep(".")}
	config, err := yaml.NewConfig(input, options...)
	if err != nil {
		return refusedConfig(err)
	}
	var values map[string]any
	if err := config.Unpack(&values, options...); err != nil {
		return refusedConfig(err)
	}
	return ok(map[string]any{"value": show(values), "texts": texts(config, 0)})
}

// refusedConfig removes the stack trace that go-ucfg adds to some errors.
func refusedConfig(err error) answer {
	message, _, _ := strings.Cut(err.Error(), "\nTrace:")
	return refused(errors.New(message))
}

// texts returns named values as a map, numbered ones as a list, a value that has both as both, and a former
// empty map as neither.
func texts(config *ucfg.Config, depth int) any {
	if depth > maxShownDepth {
		return []any{"deep"}
	}
	if !config.IsDict() && !config.IsArray() {
		return []any{"none"}
	}
	var shown []any
	if config.IsDict() {
		pairs := [][2]any{}
		for _, name := range config.GetFields() {
			// The calls below treat an empty name as an index.
			if name == "" {
				continue
			}
			pairs = append(pairs, [2]any{showText(name), textOrBelow(config, name, -1, depth)})
		}
		shown = append(shown, "map", sorted(pairs))
	}
	if config.IsArray() {
		count, err := config.CountField("")
		if err != nil {
			panic(err)
		}
		// The count includes names and numbers.
		items := make([]any, count-len(config.GetFields()))
		for index := range items {
			items[index] = textOrBelow(config, "", index, depth)
		}
		// With only names, some orders of keys leave an empty list, and others do not.
		if len(items) > 0 || !config.IsDict() {
			shown = append(shown, "list", items)
		}
	}
	return shown
}

func textOrBelow(config *ucfg.Config, name string, index, depth int) any {
	// Null is a text, and has no names.
	if text, err := config.String(name, index); err == nil {
		return showText(text)
	}
	below, err := config.Child(name, index)
	if err != nil {
		return []any{"refused", err.Error()}
	}
	return texts(below, depth+1)
}

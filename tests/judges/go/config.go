// Manifests: go-ucfg over go-yaml v2, with dots in keys as paths.

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

// attempts is how often a manifest is read in which keys meet: go-ucfg goes through them in random order, and
// what becomes of them depends on it. Of two keys, one comes first seven times in eight.
const attempts = 64

// judgeConfig gives the values as they are, and the texts that they are where the registry wants a text.
func judgeConfig(asked request) answer {
	read := func() answer { return readConfig(asked.Input) }
	different := []answer{withoutPanic(read)}
	var value any
	if err := yamlv2.Unmarshal(asked.Input, &value); err != nil || !keysMeet(value) {
		return different[0]
	}
	seen := [][]byte{asJSON(verdictOf(different[0]))}
	for range attempts - 1 {
		answered := withoutPanic(read)
		verdict := asJSON(verdictOf(answered))
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

// keysMeet tells whether two keys of a map, be it deep inside, lead to one place: `a` and `a.b`, or `1` and `01`.
func keysMeet(value any) bool {
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, keysMeet)
	case map[any]any:
		firsts := map[string]bool{}
		for key, below := range value {
			text, _ := key.(string)
			first, _, _ := strings.Cut(text, ".")
			if number, err := strconv.ParseInt(first, 0, 64); err == nil {
				first = strconv.FormatInt(number, 10)
			}
			if firsts[first] || keysMeet(below) {
				return true
			}
			firsts[first] = true
		}
	}
	return false
}

// verdictOf leaves an error's words out, in which the order of keys shows as well.
func verdictOf(answered answer) answer {
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

// refusedConfig leaves out the stack that go-ucfg adds to some errors.
func refusedConfig(err error) answer {
	message, _, _ := strings.Cut(err.Error(), "\nTrace:")
	return refused(errors.New(message))
}

// texts gives named values as a map, numbered ones as a list, one that has both as both, and what was an
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
			// An empty name is no name to the calls below, but an index.
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
		// The count is that of names and numbers together.
		items := make([]any, count-len(config.GetFields()))
		for index := range items {
			items[index] = textOrBelow(config, "", index, depth)
		}
		// Of names and no numbers, some orders of keys leave an empty list behind, and some do not.
		if len(items) > 0 || !config.IsDict() {
			shown = append(shown, "list", items)
		}
	}
	return shown
}

func textOrBelow(config *ucfg.Config, name string, index, depth int) any {
	// Null is a text, and no names, too.
	if text, err := config.String(name, index); err == nil {
		return showText(text)
	}
	below, err := config.Child(name, index)
	if err != nil {
		return []any{"refused", err.Error()}
	}
	return texts(below, depth+1)
}

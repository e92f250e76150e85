// Values as lossless JSON: each is a list of its type's name and its value.

package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v2"
)

// maxShownDepth keeps answers within the limits of JSON readers; deeper values are shown as "deep".
const maxShownDepth = 30

// show converts a value that a reader returned. Go's maps have no order, so their pairs are sorted by the
// JSON of their keys; those of a yaml.MapSlice keep their order.
func show(value any) any {
	return showBelow(value, 0)
}

func showBelow(value any, depth int) any {
	if depth > maxShownDepth {
		return []any{"deep"}
	}
	switch value := value.(type) {
	case nil:
		return []any{"null"}
	case bool:
		return []any{"bool", value}
	case int:
		return []any{"int", strconv.Itoa(value)}
	case int64:
		return []any{"int", strconv.FormatInt(value, 10)}
	case uint64:
		return []any{"uint", strconv.FormatUint(value, 10)}
	case float64:
		return []any{"float", showFloat(value)}
	case string:
		return showText(value)
	case time.Time:
		return []any{"time", value.Format(time.RFC3339Nano)}
	case []any:
		items := make([]any, len(value))
		for i, item := range value {
			items[i] = showBelow(item, depth+1)
		}
		return []any{"list", items}
	case []map[string]any:
		items := make([]any, len(value))
		for i, item := range value {
			items[i] = showBelow(item, depth+1)
		}
		return []any{"list", items}
	case map[string]any:
		// A nil map is shown as null, since null is decoded to it.
		if value == nil {
			return []any{"null"}
		}
		pairs := make([][2]any, 0, len(value))
		for key, item := range value {
			pairs = append(pairs, [2]any{showText(key), showBelow(item, depth+1)})
		}
		return []any{"map", sorted(pairs)}
	case map[any]any:
		pairs := make([][2]any, 0, len(value))
		for key, item := range value {
			pairs = append(pairs, [2]any{showBelow(key, depth+1), showBelow(item, depth+1)})
		}
		return []any{"map", sorted(pairs)}
	case yaml.MapSlice:
		pairs := make([][2]any, len(value))
		for i, pair := range value {
			pairs[i] = [2]any{showBelow(pair.Key, depth+1), showBelow(pair.Value, depth+1)}
		}
		return []any{"map", pairs}
	default:
		panic(fmt.Sprintf("a value of unsupported type %T", value))
	}
}

// showFloat returns the shortest text that parses as the same number, like Go's %v.
func showFloat(value float64) string {
	switch {
	case math.IsNaN(value):
		return "NaN"
	case math.IsInf(value, 0):
		return fmt.Sprintf("%+v", value)
	default:
		return strconv.FormatFloat(value, 'g', -1, 64)
	}
}

// showText distinguishes text from bytes, since JSON has only text.
func showText(text string) any {
	if utf8.ValidString(text) {
		return []any{"text", text}
	}
	return []any{"bytes", base64.StdEncoding.EncodeToString([]byte(text))}
}

func sorted(pairs [][2]any) [][2]any {
	slices.SortStableFunc(pairs, func(a, b [2]any) int {
		return slices.Compare(asJSON(a[0]), asJSON(b[0]))
	})
	return pairs
}

func asJSON(value any) []byte {
	written, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return written
}

// The registry's readers as judges: what its libraries make of bytes, and nothing of this tool's own.
//
// Reads one case a line on standard input and answers one line each on standard output, in order; see
// README.md. This file is the protocol; each other file holds one reader.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
)

// request is a case. Bytes are base64 in JSON; each judge uses what it needs.
type request struct {
	ID    json.RawMessage `json:"id"`
	Judge string          `json:"judge"`
	Input []byte          `json:"input"`
	// Extension is that of a pipeline's file, ".json" or ".yml".
	Extension string `json:"extension"`
	// Version is matched with a constraint, if there is one.
	Version *string `json:"version"`
	// Signature and Keys are armored.
	Signature []byte   `json:"signature"`
	Keys      [][]byte `json:"keys"`
	// Time is when the signature is judged, in seconds since 1970; now if there is none.
	Time *int64 `json:"time"`
}

// answer is one of these; all but Error are the reader's own word.
type answer struct {
	ID json.RawMessage `json:"id,omitempty"`
	// OK is what the reader makes of it.
	OK any `json:"ok,omitempty"`
	// Refused is the reader's error.
	Refused *string `json:"refused,omitempty"`
	// Panic says that the reader did not return.
	Panic *string `json:"panic,omitempty"`
	// Varies holds the different answers of a reader that goes by chance.
	Varies []answer `json:"varies,omitempty"`
	// Error says that the case is none.
	Error *string `json:"error,omitempty"`
}

var judges = map[string]func(request) answer{
	"config":            judgeConfig,
	"constraint":        judgeConstraint,
	"fields":            judgeFields,
	"pipeline":          judgePipeline,
	"semver":            judgeSemver,
	"signature":         judgeSignature,
	"signature_packets": judgeSignaturePackets,
	"yaml":              judgeYAML,
	"yaml_ordered":      judgeOrderedYAML,
	"zip":               judgeZip,
}

func ok(value any) answer {
	return answer{OK: value}
}

func refused(err error) answer {
	message := err.Error()
	return answer{Refused: &message}
}

func main() {
	cases := bufio.NewReader(os.Stdin)
	answers := bufio.NewWriter(os.Stdout)
	for {
		line, err := cases.ReadBytes('\n')
		if len(line) > 0 {
			written, err := json.Marshal(judge(line))
			if err != nil {
				log.Fatal(err)
			}
			if _, err := answers.Write(append(written, '\n')); err != nil {
				log.Fatal(err)
			}
		}
		// Whoever waits for an answer before the next question gets it.
		if cases.Buffered() == 0 || err != nil {
			if err := answers.Flush(); err != nil {
				log.Fatal(err)
			}
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}

func judge(line []byte) answer {
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return mistaken(nil, "the case is not understood: "+err.Error())
	}
	judge, known := judges[asked.Judge]
	if !known {
		return mistaken(asked.ID, "there is no judge "+asked.Judge)
	}
	answered := withoutPanic(func() answer { return judge(asked) })
	answered.ID = asked.ID
	return answered
}

func mistaken(id json.RawMessage, message string) answer {
	if id == nil {
		id = json.RawMessage("null")
	}
	return answer{ID: id, Error: &message}
}

// withoutPanic makes an answer of a panic: the registry would end with it.
func withoutPanic(read func() answer) (answered answer) {
	defer func() {
		if cause := recover(); cause != nil {
			message := fmt.Sprint(cause)
			answered = answer{Panic: &message}
		}
	}()
	return read()
}

// The registry's readers as judges: how its libraries read bytes, without any code of this tool.
//
// Reads one case per line from standard input and writes one answer per line to standard output, in order; see
// README.md. This file implements the protocol; each other file one reader.
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
	// Extension is the extension of a pipeline's file, ".json" or ".yml".
	Extension string `json:"extension"`
	// Version is matched against a constraint, if given.
	Version *string `json:"version"`
	// Signature and Keys are armored.
	Signature []byte   `json:"signature"`
	Keys      [][]byte `json:"keys"`
	// Time is when the signature is checked, in seconds since 1970; default is the current time.
	Time *int64 `json:"time"`
}

// answer is one of these; all but Error come from the reader.
type answer struct {
	ID json.RawMessage `json:"id,omitempty"`
	// OK is the value that the reader returns.
	OK any `json:"ok,omitempty"`
	// Refused is the reader's error.
	Refused *string `json:"refused,omitempty"`
	// Panic means that the reader panicked.
	Panic *string `json:"panic,omitempty"`
	// Varies are the different answers of a reader with random results.
	Varies []answer `json:"varies,omitempty"`
	// Error means that the case is invalid.
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
		// An interactive caller gets each answer before it sends the next case.
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
	var req request
	if err := json.Unmarshal(line, &req); err != nil {
		return mistaken(nil, "invalid case: "+err.Error())
	}
	judge, known := judges[req.Judge]
	if !known {
		return mistaken(req.ID, "unknown judge "+req.Judge)
	}
	answered := withoutPanic(func() answer { return judge(req) })
	answered.ID = req.ID
	return answered
}

func mistaken(id json.RawMessage, message string) answer {
	if id == nil {
		id = json.RawMessage("null")
	}
	return answer{ID: id, Error: &message}
}

// withoutPanic converts a panic, which would end the registry, to an answer.
func withoutPanic(read func() answer) (answered answer) {
	defer func() {
		if cause := recover(); cause != nil {
			message := fmt.Sprint(cause)
			answered = answer{Panic: &message}
		}
	}()
	return read()
}

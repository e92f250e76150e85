// Archives: archive/zip, by its list and by its file system, through which the registry opens files.

package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"path"
)

// maxContentLen is the longest content that is read, since there may be bombs.
const maxContentLen = 64 << 20

// content is the digest of an entry's bytes, or the error.
type content struct {
	SHA256  string `json:"sha256,omitempty"`
	Refused string `json:"refused,omitempty"`
}

// judgeZip lists an archive and reads everything in it.
func judgeZip(req request) answer {
	archive, err := zip.NewReader(bytes.NewReader(req.Input), int64(len(req.Input)))
	if err != nil {
		return refused(err)
	}
	entries := []map[string]any{}
	for _, file := range archive.File {
		entries = append(entries, map[string]any{
			"name":   showText(file.Name),
			"method": file.Method,
			"size":   file.UncompressedSize64,
			"crc32":  file.CRC32,
			"is_dir": file.FileInfo().IsDir(),
			// The entry's own bytes.
			"content": contentOf(func() (io.ReadCloser, error) { return file.Open() }),
			// The bytes found under its name: with duplicate names, those of another entry.
			"by_name": contentOf(func() (io.ReadCloser, error) {
				return archive.Open(path.Clean(file.Name))
			}),
		})
	}
	return ok(map[string]any{"entries": entries})
}

func contentOf(open func() (io.ReadCloser, error)) content {
	reader, err := open()
	if err != nil {
		return content{Refused: err.Error()}
	}
	defer reader.Close()
	digest := sha256.New()
	len, err := io.Copy(digest, io.LimitReader(reader, maxContentLen+1))
	if err == nil && len > maxContentLen {
		err = errors.New("it exceeds the limit of this judge")
	}
	if err != nil {
		return content{Refused: err.Error()}
	}
	return content{SHA256: hex.EncodeToString(digest.Sum(nil))}
}

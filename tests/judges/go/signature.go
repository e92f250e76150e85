// Signatures: go-crypto, as the registry's download tool checks armored detached ones.

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// judgeSignature checks the input's signature with all keys; a good one is good by one of them.
func judgeSignature(asked request) answer {
	var keys openpgp.EntityList
	for _, armored := range asked.Keys {
		read, err := openpgp.ReadArmoredKeyRing(bytes.NewReader(armored))
		if err != nil {
			return refused(fmt.Errorf("key: %w", err))
		}
		keys = append(keys, read...)
	}
	config := &packet.Config{}
	if asked.Time != nil {
		at := time.Unix(*asked.Time, 0)
		config.Time = func() time.Time { return at }
	}
	signer, err := openpgp.CheckArmoredDetachedSignature(
		keys, bytes.NewReader(asked.Input), bytes.NewReader(asked.Signature), config)
	if err != nil {
		return refused(err)
	}
	return ok(map[string]any{"signer": showKeyID(signer.PrimaryKey.KeyId)})
}

// judgeSignaturePackets lists the issuers of all signatures in a block, good or bad; null is one that
// names none.
func judgeSignaturePackets(asked request) answer {
	block, err := armor.Decode(bytes.NewReader(asked.Signature))
	if err != nil {
		return refused(err)
	}
	issuers := []any{}
	packets := packet.NewReader(block.Body)
	for {
		read, err := packets.Next()
		if errors.Is(err, io.EOF) {
			return ok(map[string]any{"issuers": issuers})
		}
		if err != nil {
			return refused(err)
		}
		signature, is := read.(*packet.Signature)
		switch {
		case !is:
		case signature.IssuerKeyId == nil:
			issuers = append(issuers, nil)
		default:
			issuers = append(issuers, showKeyID(*signature.IssuerKeyId))
		}
	}
}

func showKeyID(id uint64) string {
	return fmt.Sprintf("%016x", id)
}

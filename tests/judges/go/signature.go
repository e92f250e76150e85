// Signatures: go-crypto, checking armored detached ones like the registry's download tool.

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

// judgeSignature checks the input's signature with all keys; it is good if one of them made it.
func judgeSignature(req request) answer {
	var keys openpgp.EntityList
	for _, armored := range req.Keys {
		read, err := openpgp.ReadArmoredKeyRing(bytes.NewReader(armored))
		if err != nil {
			return refused(fmt.Errorf("key: %w", err))
		}
		keys = append(keys, read...)
	}
	config := &packet.Config{}
	if req.Time != nil {
		at := time.Unix(*req.Time, 0)
		config.Time = func() time.Time { return at }
	}
	signer, err := openpgp.CheckArmoredDetachedSignature(
		keys, bytes.NewReader(req.Input), bytes.NewReader(req.Signature), config)
	if err != nil {
		return refused(err)
	}
	return ok(map[string]any{"signer": showKeyID(signer.PrimaryKey.KeyId)})
}

// judgeSignaturePackets lists the issuers of all signatures in a block, good or bad; null for a signature
// without an issuer.
func judgeSignaturePackets(req request) answer {
	block, err := armor.Decode(bytes.NewReader(req.Signature))
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

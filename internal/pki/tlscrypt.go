package pki

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"time"
)

// tls-crypt-v2 encrypts and authenticates OpenVPN's handshake with a key that each client has for itself. A server holds one
// key for all of them: a client sends its own, wrapped with the server's. Who has no key gets no answer at all. The forms are
// those of doc/tls-crypt-v2.txt in OpenVPN's sources; tests have OpenVPN read them.

const (
	serverKeyType = "OpenVPN tls-crypt-v2 server key"
	clientKeyType = "OpenVPN tls-crypt-v2 client key"

	halfKey   = 128 // bytes of one direction: 64 for the cipher, 64 for the HMAC
	timestamp = 1   // type of metadata
)

// NewTLSCryptServerKey makes the key of all servers of a PKI.
func NewTLSCryptServerKey(random io.Reader) (string, error) {
	b := make([]byte, halfKey)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("tls-crypt-v2 server key: %w", err)
	}
	return wrapLines(serverKeyType, b), nil
}

// NewTLSCryptClientKey makes the key of one client, for all servers with the server key.
func NewTLSCryptClientKey(serverKey string, random io.Reader, now time.Time) (string, error) {
	server, err := decodePEM(serverKeyType, serverKey)
	if err != nil {
		return "", err
	}
	if len(server) != halfKey {
		return "", fmt.Errorf("not a tls-crypt-v2 server key, got %d bytes, want %d", len(server), halfKey)
	}
	client := make([]byte, 2*halfKey)
	if _, err := io.ReadFull(random, client); err != nil {
		return "", fmt.Errorf("tls-crypt-v2 client key: %w", err)
	}
	metadata := binary.BigEndian.AppendUint64([]byte{timestamp}, uint64(now.Unix()))
	return wrapLines(clientKeyType, append(client, wrapClientKey(server, client, metadata)...)), nil
}

// wrapClientKey encrypts a client key so that only servers can read it: SIV, as in RFC 5297, with HMAC-SHA256 and AES-256-CTR.
func wrapClientKey(server, client, metadata []byte) []byte {
	plain := append(append([]byte{}, client...), metadata...)
	length := binary.BigEndian.AppendUint16(nil, uint16(sha256.Size+len(plain)+2))
	mac := hmac.New(sha256.New, server[64:64+sha256.Size])
	mac.Write(length)
	mac.Write(plain)
	tag := mac.Sum(nil)
	block, err := aes.NewCipher(server[:32])
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	cipher.NewCTR(block, tag[:aes.BlockSize]).XORKeyStream(plain, plain)
	return append(append(tag, plain...), length...)
}

// wrapLines is PEM as OpenVPN writes it.
func wrapLines(kind string, b []byte) string {
	var out strings.Builder
	fmt.Fprintf(&out, "-----BEGIN %s-----\n", kind)
	for text := base64.StdEncoding.EncodeToString(b); text != ""; {
		n := min(64, len(text))
		out.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	fmt.Fprintf(&out, "-----END %s-----\n", kind)
	return out.String()
}

package webhook

import (
	"errors"
	"net/url"
	"strings"

	"github.com/pathproof/pathproof/internal/secret"
)

// ParseAddress reads the address of a webhook. It is a secret: its error does not hold it.
func ParseAddress(s string) (secret.Text, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	switch {
	case err != nil || u.Host == "":
		return secret.Text{}, errors.New("not an address; the secret's text has to be the webhook's address and nothing else, like https://hooks.example.com/services/T0/B0")
	case u.Scheme != "https":
		return secret.Text{}, errors.New("not an https address; whoever reads along could post")
	}
	return secret.New(u.String()), nil
}

// holds reports whether a text holds an address, or a part of its path by which it could be guessed.
func holds(text string, address secret.Text) bool {
	u, err := url.Parse(address.Reveal())
	if err != nil || strings.Contains(text, u.Host) {
		return true
	}
	for _, part := range strings.FieldsFunc(u.EscapedPath()+"?"+u.RawQuery, func(r rune) bool { return strings.ContainsRune("/?&=", r) }) {
		if len(part) >= 4 && strings.Contains(text, part) {
			return true
		}
	}
	return false
}

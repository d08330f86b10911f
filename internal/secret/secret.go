// Package secret holds texts that must not be printed by accident, such as pre-shared keys. Whatever prints one, formats it,
// or writes it as JSON gets a placeholder; only Reveal gives the text.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// Hidden stands where a secret would.
const Hidden = "[secret]"

// Text is a text that hides itself. The zero value is an empty one. It cannot be compared with ==, so that no branch of a
// program tells by its timing how far a guess was right.
type Text struct {
	_     [0]func()
	value *string // a pointer, so that reflection-based printers that ignore Format show an address
}

// New hides a text.
func New(value string) Text { return Text{value: &value} }

// Reveal returns the text itself. What calls it is where a secret leaves the program.
func (t Text) Reveal() string {
	if t.value == nil {
		return ""
	}
	return *t.value
}

// Empty reports whether there is no text.
func (t Text) Empty() bool { return t.Reveal() == "" }

// Format writes the placeholder for every verb and flag.
func (t Text) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, Hidden) }

// String returns the placeholder.
func (t Text) String() string { return Hidden }

// MarshalText returns the placeholder. JSON and XML use it, for map keys as well.
func (t Text) MarshalText() ([]byte, error) { return []byte(Hidden), nil }

// LogValue returns the placeholder.
func (t Text) LogValue() slog.Value { return slog.StringValue(Hidden) }

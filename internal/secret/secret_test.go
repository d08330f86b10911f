package secret

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const value = "Zk9.tunnel_one"

// Every way to print a secret, alone and inside something, has to hide it.
func TestText_HidesItself(t *testing.T) {
	type holder struct {
		Name string
		Key  Text
		keys []Text
		by   map[string]Text
	}
	type document struct {
		Key  Text
		List []Text
	}
	h := holder{"fw1", New(value), []Text{New(value)}, map[string]Text{"one": New(value)}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s", "%-5.2s", "%T %v"} {
		fmt.Fprintf(&out, verb+"\n", h.Key, h.Key)
		fmt.Fprintf(&out, verb+"\n", h, h)
		fmt.Fprintf(&out, verb+"\n", &h, &h)
	}
	fmt.Fprintln(&out, h.Key.String(), fmt.Errorf("key %v: %w", h.Key, fmt.Errorf("%s", h.Key)))
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, xml.Marshal} {
		text, err := marshal(document{h.Key, h.keys})
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("read", "key", h.Key, "holder", h)
	slog.New(slog.NewTextHandler(&out, nil)).Info("read", "key", h.Key, "holder", h)
	for _, form := range []string{value, fmt.Sprintf("%x", value), fmt.Sprintf("%X", value), fmt.Sprintf("%d", []byte(value))} {
		if strings.Contains(out.String(), form) {
			t.Errorf("%q stands in what was printed:\n%s", form, out.String())
		}
	}
	if !strings.Contains(out.String(), Hidden) {
		t.Errorf("no placeholder in:\n%s", out.String())
	}
}

func TestText_Reveal(t *testing.T) {
	if got := New(value).Reveal(); got != value {
		t.Errorf("got %q", got)
	}
	if (Text{}).Reveal() != "" || !(Text{}).Empty() || New(value).Empty() {
		t.Error("the zero value is not the empty text")
	}
}

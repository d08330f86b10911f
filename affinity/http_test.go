package affinity

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/affinity/discover"
)

func TestTransport_Works(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host) }))
	defer srv.Close()
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(srv.URL, "http://"))
	_ = port
	src, err := discover.Static(discover.Endpoint{Addr: "127.0.0.1:1", Zone: "apne2-az1"}, discover.Endpoint{Addr: srv.Listener.Addr().String(), Zone: "apne2-az2"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Name: "foo.internal", Zone: "apne2-az1", Source: src})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range 20 {
		resp, err := s.HTTPClient().Get("http://foo.internal/")
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(b) != "foo.internal" {
			t.Fatal(string(b))
		}
	}
	t.Logf("%+v", s.Stats())
}

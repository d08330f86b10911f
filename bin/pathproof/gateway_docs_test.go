package main

import (
	"os"
	"strings"
	"testing"
)

// docs/GATEWAY.md shows real output. This test holds it to that.
func TestGatewayRender_DocsShowRealOutput(t *testing.T) {
	doc, err := os.ReadFile("../../docs/GATEWAY.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(doc), "$ .build/pathproof gateway render --device strongswan-bird\n")
	if !found {
		t.Fatal("the example is gone")
	}
	shown, _, _ := strings.Cut(rest, "```")
	reference(t)
	r := pathproof("gateway", "render", "--device", "strongswan-bird")
	for _, part := range strings.Split(shown, "...\n") {
		if !strings.Contains(r.Stdout+r.Stderr, part) {
			t.Errorf("the output does not have\n%s", part)
		}
	}
}

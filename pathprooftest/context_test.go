package pathprooftest_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/pathprooftest"
)

func TestContext(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "go.mod", "module example.com/network\n")
	write(t, "app/cdk.json", `{"app": "go run .", "context": {"flag": true, "zone": "of cdk.json"}}`)
	write(t, "app/cdk.context.json", `{"zone": "looked up", "vpc": "vpc-1"}`)
	if err := os.MkdirAll("app/net/deeper", 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir("app/net/deeper")
	got := *pathprooftest.Context(t)
	if diff := cmp.Diff(map[string]any{"flag": true, "zone": "of cdk.json", "vpc": "vpc-1"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestContext_FailsWithoutAFile(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write(t, "cdk.json", `{"context": {}}`)
	write(t, "network/go.mod", "module example.com/network\n")
	t.Chdir("network")
	want(t, said(t, func(t testing.TB) { pathprooftest.Context(t) }),
		"fatal: no cdk.json from "+dir+"/network up to the root of the module; put the one there that cdk deploy uses")
}

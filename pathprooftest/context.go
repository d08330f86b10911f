package pathprooftest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Context returns the context that the CDK CLI gives an app: that of the nearest cdk.json, from the test's folder upwards to
// the root of the module, and the cached look-ups of a cdk.context.json beside it. Among it are CDK's feature flags, which go
// test does not know: without them an app synthesizes other templates in a test than it deploys.
func Context(t testing.TB) *map[string]any {
	t.Helper()
	context, err := readContext()
	if err != nil {
		t.Fatalf("%v", err)
	}
	return &context
}

func readContext() (map[string]any, error) {
	dir, err := findContext()
	if err != nil {
		return nil, err
	}
	context := map[string]any{}
	var file struct{ Context map[string]any }
	for _, f := range []struct {
		name string
		into any
	}{{"cdk.context.json", &context}, {"cdk.json", &file}} {
		text, err := os.ReadFile(filepath.Join(dir, f.name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = json.Unmarshal(text, f.into)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(dir, f.name), err)
		}
	}
	for key, value := range file.Context { // wins, as with the CLI
		context[key] = value
	}
	return context, nil
}

// findContext returns the folder of the nearest cdk.json.
func findContext() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	exists := func(dir, name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		switch {
		case exists(dir, "cdk.json"):
			return dir, nil
		case exists(dir, "go.mod") || filepath.Dir(dir) == dir:
			return "", fmt.Errorf("no cdk.json from %s up to the root of the module; put the one there that cdk deploy uses", start)
		}
	}
}

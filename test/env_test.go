package test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/cdktest"
)

// internal/cdkenv must be initialized before CDK's runtime, which fixes the environment of Node.js. These tests look at
// what Node.js got, since the variables of this process say nothing.

func TestEnv_ValidationIsOff(t *testing.T) {
	app := cdktest.NewApp(t)
	app.Stack("Empty", seoul)
	app.App.Synth(nil)
	if env := nodeEnvironment(t); !strings.Contains(env, "\x00CDK_VALIDATION=false\x00") {
		t.Error("Node.js runs without CDK_VALIDATION=false: is internal/cdkenv initialized too late?")
	}
}

func TestEnv_PinnedNode(t *testing.T) {
	needTools(t)
	cdktest.NewApp(t)
	if exe, err := os.Readlink(fmt.Sprintf("/proc/%s/exe", nodePID(t))); err != nil || !strings.Contains(exe, "node_modules") {
		t.Errorf("Node.js is %q (%v), want the pinned one in node_modules", exe, err)
	}
}

// nodeEnvironment returns the environment of CDK's Node.js process, its variables separated by NUL.
func nodeEnvironment(t *testing.T) string {
	t.Helper()
	env, err := os.ReadFile(fmt.Sprintf("/proc/%s/environ", nodePID(t)))
	if err != nil {
		t.Fatal(err)
	}
	return "\x00" + string(env)
}

// nodePID finds the process among the children of this one.
func nodePID(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("NOT CHECKED: needs /proc")
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range stats {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it ended meanwhile
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		dir := filepath.Dir(file)
		if len(fields) > 1 && fields[1] == fmt.Sprint(os.Getpid()) {
			if exe, err := os.Readlink(filepath.Join(dir, "exe")); err == nil && strings.HasPrefix(filepath.Base(exe), "node") {
				return filepath.Base(dir)
			}
		}
	}
	t.Fatal("no Node.js process among the children of this one")
	return ""
}

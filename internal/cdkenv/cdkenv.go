// Package cdkenv sets the environment of CDK's Node.js process. Import it for its side effect in programs that start CDK.
//
// CDK for Go looks up node and copies the environment in a package initializer, before main runs, so a program that
// sets a variable in main is too late. Go initializes packages in the order of their import paths as soon as their own
// imports are ready (Go specification, "Program initialization"); this package needs only os and path/filepath, which
// CDK's runtime needs too, and its path comes before that of os/exec, without which the runtime cannot be
// initialized. So it is always first. A test in test/ fails if that ever stops being true.
package cdkenv

import (
	"os"
	"path/filepath"
)

func init() {
	pinNode()
	skipValidation()
}

// pinNode puts the pinned Node.js of the nearest node_modules first, if there is one, however the program is started.
func pinNode() {
	dir, err := os.Getwd()
	if err != nil {
		return
	}
	for {
		bin := filepath.Join(dir, "node_modules", ".bin")
		if _, err := os.Stat(filepath.Join(bin, "node")); err == nil {
			_ = os.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
			return
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return
		}
		dir = parent
	}
}

// skipValidation switches CDK's built-in validation off, which costs two seconds a run, unless the CDK CLI started the
// program: `cdk deploy` and `cdk diff` validate, and `make synth` runs the same rules over the finished assembly.
func skipValidation() {
	if _, chosen := os.LookupEnv("CDK_VALIDATION"); !chosen && os.Getenv("CDK_OUTDIR") == "" {
		_ = os.Setenv("CDK_VALIDATION", "false")
	}
}

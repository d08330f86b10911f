// Package lambdabuild compiles a program of this module for AWS Lambda, as a folder that is a Lambda asset: it holds
// one file, bootstrap, for the provided.al2023 runtime on arm64.
package lambdabuild

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// Bootstrap is the file name that the provided.al2023 runtime starts.
const Bootstrap = "bootstrap"

// target is what Lambda runs. GOFLAGS, GOEXPERIMENT and GOWORK are emptied, so that the bytes, and with them the asset's
// hash, depend on the source and the Go version only.
var target = []string{
	"GOOS=linux", "GOARCH=arm64", "GOARM64=v8.0", "CGO_ENABLED=0", "GOFLAGS=", "GOEXPERIMENT=", "GOWORK=off",
}

// Build compiles package pkg of the module in moduleDir into outDir/bootstrap and returns outDir. A relative outDir is
// relative to the working directory. If the program is up to date this takes a tenth of a second.
//
// The new file replaces the old one in one step, and only if the build succeeds: a reader never sees half a file, and
// after an error the old file, if any, is as it was. The error holds the compiler's output.
func Build(ctx context.Context, moduleDir, pkg, outDir string) (dir string, err error) {
	out, err := filepath.Abs(outDir)
	if err != nil {
		return "", fmt.Errorf("build %s for Lambda: %w", pkg, err)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return "", fmt.Errorf("build %s for Lambda: %w", pkg, err)
	}
	// The work folder is beside outDir, not in it: everything in outDir is part of the asset.
	work, err := os.MkdirTemp(filepath.Dir(out), ".build-"+filepath.Base(out)+"-")
	if err != nil {
		return "", fmt.Errorf("build %s for Lambda: %w", pkg, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	final, next := filepath.Join(out, Bootstrap), filepath.Join(work, Bootstrap)
	// The go command leaves a program alone that its build id shows to be up to date. It gets a copy to look at.
	if err := copyFile(next, final); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("build %s for Lambda: %w", pkg, err)
	}
	if err := compile(ctx, moduleDir, pkg, next); err != nil {
		return "", fmt.Errorf("build %s for Lambda: %w", pkg, err)
	}
	if err := os.Chmod(next, 0o755); err != nil { // whatever the umask: the mode is part of the asset
		return "", fmt.Errorf("build %s for Lambda: %w", pkg, err)
	}
	if err := os.Rename(next, final); err != nil {
		return "", fmt.Errorf("build %s for Lambda: %w", pkg, err)
	}
	return outDir, nil
}

func compile(ctx context.Context, moduleDir, pkg, to string) error {
	// No -ldflags=-buildid=: without a build id every build links again.
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags=lambda.norpc", "-ldflags=-s -w", "-o", to, pkg)
	c.Dir = moduleDir
	c.Env = append(os.Environ(), target...)
	output, err := c.CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%w; install Go and put it on PATH", err)
	}
	if err != nil {
		return fmt.Errorf("go build: %w\n%s", err, bytes.TrimSpace(output))
	}
	// "go build" of a package that is no program writes an archive, or nothing, and reports success.
	if !isELF(to) {
		return errors.New("not a program; pass the path of a main package")
	}
	return nil
}

func isELF(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	magic := make([]byte, 4)
	_, err = io.ReadFull(f, magic)
	return err == nil && string(magic) == "\x7fELF"
}

func copyFile(to, from string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}

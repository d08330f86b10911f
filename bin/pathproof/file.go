package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pathproof/pathproof/internal/atomicfile"
)

// writeOutput writes a file that the command line names, as a whole.
func writeOutput(name, text string) error {
	at, err := target(name)
	if err == nil {
		err = atomicfile.Write(at, []byte(text))
	}
	var inner *fs.PathError
	if errors.As(err, &inner) {
		err = inner.Err // it may name a temporary file, which nobody knows
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// target follows symbolic links and refuses devices and folders: a new file would take their place.
func target(name string) (string, error) {
	at, err := filepath.EvalSymlinks(name)
	if errors.Is(err, fs.ErrNotExist) {
		return name, nil
	}
	if err != nil {
		return "", err
	}
	info, err := os.Stat(at)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file; leave --output out to write to standard output")
	}
	return at, err
}

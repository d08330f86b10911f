// Package atomicfile writes files that are either whole or not there.
package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
)

// Write writes a file of mode 0644 by way of a temporary file in the same folder, which it makes if it is missing: at no
// moment does the file hold a part of data, and after an error it is as it was.
func Write(file string, data []byte) error { return write(file, data, 0o644) }

// WritePrivate is like Write, but nobody else can read the file, at no moment.
func WritePrivate(file string, data []byte) error { return write(file, data, 0o600) }

// Writable says why Write would fail at a place, as far as can be told beforehand. It makes the folder if it is missing, and
// leaves the file alone.
func Writable(file string) error {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return &os.PathError{Op: "write", Path: file, Err: errors.New("it is a folder")}
	}
	f, err := temporary(file)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func write(file string, data []byte, mode os.FileMode) error {
	f, err := temporary(file)
	if err != nil {
		return err
	}
	if _, err = f.Write(data); err == nil {
		err = f.Chmod(mode)
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// temporary opens a file beside another, and makes the folder if it is missing.
func temporary(file string) (*os.File, error) {
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return os.CreateTemp(dir, "."+filepath.Base(file)+"-*")
}

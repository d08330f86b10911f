package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File is one of several files that belong together.
type File struct {
	Name string      // slash-separated, below the common folder
	Mode fs.FileMode // permission bits, whatever the umask
	Data []byte
}

// WriteAll writes files below dir, with the folders that are missing, or none of them: it writes all of them beside their places
// first, and after an error everything is as it was. Only a crash between the renames can leave some new and some old files,
// each of them whole.
func WriteAll(dir string, files []File) (err error) {
	s := &staging{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.undo())
		}
	}()
	for _, f := range files {
		if err := s.stage(filepath.Join(dir, filepath.FromSlash(f.Name)), f); err != nil {
			return fmt.Errorf("write %s: %w", f.Name, reason(err))
		}
	}
	for i := range s.staged {
		if err := s.commit(&s.staged[i]); err != nil {
			return fmt.Errorf("write %s: %w", files[i].Name, reason(err))
		}
	}
	return s.removeBackups()
}

// reason leaves out the names of temporary files, which nobody knows.
func reason(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// staging is how far WriteAll has come.
type staging struct {
	folders []string // that it made, outer ones first
	staged  []replacement
}

// replacement is a new file on its way to its place. backup is what was there; done says that the new one is there now.
type replacement struct {
	place, temporary, backup string
	done                     bool
}

// stage writes a file beside its place.
func (s *staging) stage(place string, f File) error {
	if err := s.makeFolder(filepath.Dir(place)); err != nil {
		return err
	}
	if info, err := os.Lstat(place); err == nil && !info.Mode().IsRegular() {
		return errors.New("something that is not a regular file is there; move it away")
	}
	t, err := os.CreateTemp(filepath.Dir(place), "."+filepath.Base(place)+"-*")
	if err != nil {
		return err
	}
	s.staged = append(s.staged, replacement{place: place, temporary: t.Name()})
	_, err = t.Write(f.Data)
	return errors.Join(err, t.Chmod(f.Mode), t.Close())
}

// makeFolder makes a folder and those above it that are missing.
func (s *staging) makeFolder(dir string) error {
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("%s is not a folder", dir)
		}
		return nil
	}
	if err := s.makeFolder(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	s.folders = append(s.folders, dir)
	return nil
}

// commit brings a file to its place, and keeps what was there.
func (s *staging) commit(r *replacement) error {
	switch err := os.Link(r.place, r.temporary+".old"); {
	case err == nil:
		r.backup = r.temporary + ".old"
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.Rename(r.temporary, r.place); err != nil {
		return err
	}
	r.done = true
	return nil
}

func (s *staging) removeBackups() error {
	var errs []error
	for _, r := range s.staged {
		if r.backup != "" {
			errs = append(errs, os.Remove(r.backup))
		}
	}
	return errors.Join(errs...)
}

// undo brings everything back.
func (s *staging) undo() error {
	var errs []error
	for _, r := range s.staged {
		switch {
		case !r.done:
			errs = append(errs, os.Remove(r.temporary))
			if r.backup != "" {
				errs = append(errs, os.Remove(r.backup))
			}
		case r.backup != "":
			errs = append(errs, os.Rename(r.backup, r.place))
		default:
			errs = append(errs, os.Remove(r.place))
		}
	}
	for i := len(s.folders) - 1; i >= 0; i-- {
		errs = append(errs, os.Remove(s.folders[i]))
	}
	return errors.Join(errs...)
}

package atomicfile

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree lists what is in a folder: name, mode and text.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		fmt.Fprintf(&b, "%s %04o %s\n", rel, info.Mode().Perm(), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWriteAll(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	for _, text := range []string{"first", "second"} {
		files := []File{{"etc/a/key", 0o600, []byte(text)}, {"etc/conf", 0o644, []byte(text)}, {"run", 0o755, []byte(text)}}
		if err := WriteAll(dir, files); err != nil {
			t.Fatal(err)
		}
		want := strings.ReplaceAll("etc/a/key 0600 X\netc/conf 0644 X\nrun 0755 X\n", "X", text)
		if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

func TestWriteAll_AllOrNothing(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		prepare    func(t *testing.T, dir string)
	}{
		{"a folder in the last one's place", "write z: something that is not a regular file is there; move it away", func(t *testing.T, dir string) {
			if err := os.Mkdir(filepath.Join(dir, "z"), 0o755); err != nil {
				t.Fatal(err)
			}
		}},
		{"a file in a folder's place", "write new/b: DIR/new is not a folder", func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, "new"), []byte("mine"), 0o644); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "a"), []byte("old"), 0o644); err != nil {
				t.Fatal(err)
			}
			tt.prepare(t, dir)
			before := tree(t, dir)
			err := WriteAll(dir, []File{{"a", 0o600, []byte("1")}, {"new/b", 0o600, []byte("2")}, {"z", 0o600, []byte("3")}})
			if err == nil || strings.ReplaceAll(err.Error(), dir, "DIR") != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
				t.Errorf("something was left or lost (-before +after):\n%s", diff)
			}
		})
	}
}

// A rename in the middle fails: the files that were renamed before get their old text back.
func TestWriteAll_TakesRenamesBack(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "c"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("old"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	before := tree(t, dir)
	s := &staging{}
	for _, name := range []string{"a", "b", "c"} {
		if err := s.stage(filepath.Join(dir, name), File{name, 0o600, []byte("new")}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range s.staged[:2] {
		if err := s.commit(&s.staged[i]); err != nil {
			t.Fatal(err)
		}
	}
	if got := tree(t, dir); !strings.Contains(got, "a 0600 new\nb 0600 new\n") {
		t.Fatalf("nothing was renamed:\n%s", got)
	}
	if err := s.undo(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
		t.Errorf("-before +after:\n%s", diff)
	}
}

package cdkx

import (
	"errors"
	"io/fs"
	"runtime"
	"testing"
)

func TestCatch(t *testing.T) {
	if err := Catch("here", func() {}); err != nil {
		t.Errorf("without a panic: got %v, want nil", err)
	}
	err := Catch("region us-west-2", func() { panic(&fs.PathError{Op: "open", Path: "x", Err: errors.New("gone")}) })
	var typed *fs.PathError
	if !errors.As(err, &typed) || err.Error() != "region us-west-2: open x: gone" {
		t.Errorf("error panic: got %v, want it wrapped with its type", err)
	}
	if err := Catch("here", func() { panic("Field VpcId is required") }); err == nil || err.Error() != "here: Field VpcId is required" {
		t.Errorf("string panic: got %v", err)
	}
}

func TestCatch_LetsBugsThrough(t *testing.T) {
	defer func() {
		if _, ok := recover().(runtime.Error); !ok {
			t.Error("a runtime error was swallowed, want it to go on")
		}
	}()
	var none *fs.PathError
	_ = Catch("here", func() { _ = none.Op })
}

func TestFields_ReportsAll(t *testing.T) {
	var f Fields
	if f.Err() != nil {
		t.Errorf("without problems: got %v, want nil", f.Err())
	}
	f.Addf("a", "too big, got %d; use 1", 2)
	f.Addf("b", "missing")
	if got, want := f.Err().Error(), "a: too big, got 2; use 1\nb: missing"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

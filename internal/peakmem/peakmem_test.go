package peakmem

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
)

func TestOf(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("NOT RUN: only Linux tells")
	}
	before := Of(os.Getpid())
	block := make([]byte, 64<<20)
	for i := range block {
		block[i] = 1
	}
	if after := Of(os.Getpid()); before == 0 || after < 64<<20 {
		t.Errorf("before %d, after 64 MiB %d", before, after)
	}
	runtime.KeepAlive(block)
	if got := Of(-1); got != 0 {
		t.Errorf("a process that is not there: %d", got)
	}
}

// A child does not count what its parent holds.
func TestTree(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("NOT RUN: only Linux tells")
	}
	c := exec.Command("cat")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	child, own, tree := Of(c.Process.Pid), Of(os.Getpid()), Tree(os.Getpid())
	if child == 0 || child > 32<<20 || tree < own+child {
		t.Errorf("cat holds %d, this test %d, both %d", child, own, tree)
	}
	_ = in.Close()
	_ = c.Wait()
}

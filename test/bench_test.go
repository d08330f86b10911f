package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkSynth times `go run ./bin/synth` on the reference network, as a whole program with warm caches and validation
// off, and next to it an empty Go CDK app, in turns, so that a slow moment of the machine meets both. Reported are the
// medians and the difference.
func BenchmarkSynth(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "module")
	copyModule(b, dir)
	out := b.TempDir()
	run := func(args ...string) time.Duration {
		c := exec.Command("go", append([]string{"run", "-buildvcs=false"}, args...)...)
		c.Dir, c.Stderr = dir, os.Stderr
		start := time.Now()
		if err := c.Run(); err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
	empty := []string{"./test/emptyapp", out}
	if err := os.CopyFS(filepath.Join(dir, "test", "emptyapp"), os.DirFS("emptyapp")); err != nil {
		b.Fatal(err)
	}
	run(empty...)
	run("./bin/synth")
	var apps, synths []time.Duration
	for b.Loop() {
		apps = append(apps, run(empty...))
		synths = append(synths, run("./bin/synth"))
	}
	b.ReportMetric(median(apps), "s-empty-app")
	b.ReportMetric(median(synths), "s-synth")
	b.ReportMetric(median(synths)-median(apps), "s-above-empty")
}

// BenchmarkCheck times the program `pathproof check` on the reference network.
func BenchmarkCheck(b *testing.B) {
	binary := buildProgram(b, "pathproof")
	for b.Loop() {
		c := exec.Command(binary, "check", "../pathproof.yaml")
		if out, err := c.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
}

func median(list []time.Duration) float64 {
	slices.Sort(list)
	return list[len(list)/2].Seconds()
}

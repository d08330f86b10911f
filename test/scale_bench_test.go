package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/peakmem"
	"github.com/pathproof/pathproof/internal/scaletest"
)

// BenchmarkScale times planning, judging and synthesizing networks of 1, 10 and 100 VPCs, the last one in five Regions with a
// full mesh of transit gateways and 200 paths. Synthesis is the whole program with validation off. It fails on a template
// beyond CloudFormation's limits, when a resource costs more in a larger network, and when planning takes a second. Reported are seconds, microseconds for each resource, and the memory of its two
// processes together.
func BenchmarkScale(b *testing.B) {
	binary := buildProgram(b, "synth")
	var before float64 // microseconds for each resource of the size before
	for _, size := range []struct{ regions, vpcs, paths int }{{1, 1, 0}, {1, 10, 20}, {5, 20, 200}} {
		b.Run(fmt.Sprintf("vpcs=%d", size.regions*size.vpcs), func(b *testing.B) {
			dir := filepath.Join(b.TempDir(), "module")
			copyModule(b, dir)
			text := scaletest.YAML(size.regions, size.vpcs, 3, size.paths)
			if err := os.WriteFile(filepath.Join(dir, "scale.yaml"), []byte(text), 0o644); err != nil {
				b.Fatal(err)
			}
			var planned, synthesized []time.Duration
			var memory int64
			for b.Loop() {
				start := time.Now()
				if r := check.Data("scale.yaml", []byte(text)); !r.OK() {
					b.Fatal(r.Problems)
				}
				planned = append(planned, time.Since(start))
				start = time.Now()
				memory = max(memory, runSynth(b, binary, dir))
				synthesized = append(synthesized, time.Since(start))
			}
			resources := templatesFit(b, filepath.Join(dir, "cdk.out"))
			if took := median(planned); took > 1 {
				b.Errorf("planning and judging takes %.2f s, want less than one", took)
			}
			each := median(synthesized) * 1e6 / float64(resources)
			if before != 0 && each > before*1.2 {
				b.Errorf("%.0f us for each resource, more than the %.0f of the smaller network: worse than linear", each, before)
			}
			before = each
			b.ReportMetric(median(planned), "s-plan-and-check")
			b.ReportMetric(median(synthesized), "s-synth")
			b.ReportMetric(float64(resources), "resources")
			b.ReportMetric(each, "us/resource")
			b.ReportMetric(float64(memory)/(1<<20), "MiB")
			b.ReportMetric(0, "ns/op") // of little use for a whole program
		})
	}
}

// runSynth synthesizes and returns the most memory, in bytes, that the program and Node.js held together.
func runSynth(b *testing.B, binary, dir string) int64 {
	b.Helper()
	c := exec.Command(binary, "--config", "scale.yaml")
	c.Dir = dir
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	var peak int64
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		select {
		case err := <-done:
			tick.Stop()
			if err != nil {
				b.Fatalf("%v\n%s", err, out.String())
			}
			return peak
		case <-tick.C:
			peak = max(peak, peakmem.Tree(c.Process.Pid))
		}
	}
}

// templatesFit asserts CloudFormation's limits of every template and counts the resources.
func templatesFit(b *testing.B, dir string) int {
	b.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.template.json"))
	if err != nil || len(files) == 0 {
		b.Fatalf("got %d templates, %v", len(files), err)
	}
	all := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		var t struct{ Resources, Outputs map[string]json.RawMessage }
		if err := json.Unmarshal(text, &t); err != nil {
			b.Fatal(err)
		}
		if len(t.Resources) > 500 || len(t.Outputs) > 200 || len(text) > 1_000_000 {
			b.Errorf("%s: %d resources, %d outputs, %d bytes", filepath.Base(file), len(t.Resources), len(t.Outputs), len(text))
		}
		all += len(t.Resources)
	}
	return all
}

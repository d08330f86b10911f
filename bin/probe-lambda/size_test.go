package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/lambdabuild"
	"github.com/pathproof/pathproof/internal/lambdatest"
	"github.com/pathproof/pathproof/internal/probe"
)

// TestBinary_Init: a function that is slow to start adds to every first probe, and Lambda bills it.
func TestBinary_Init(t *testing.T) {
	in := install(t, lambdatest.Build)
	for _, start := range []func() *lambdatest.Function{
		func() *lambdatest.Function { return in.startGate(time.Minute) },
		func() *lambdatest.Function {
			return lambdatest.Start(t, in.program, "arn", time.Minute, "_HANDLER="+gate.HandlerVantage, gate.EnvAllow+"=tcp://10.0.0.0/8:7007")
		},
	} {
		best := time.Hour
		for range 7 {
			f := start()
			best = min(best, f.Init)
			f.Stop()
		}
		t.Logf("init takes %s at best", best)
		if best > 60*time.Millisecond {
			t.Errorf("init takes %s, want at most 60ms", best)
		}
	}
}

// TestBinary_Memory: the largest usual run fits into the smallest function.
func TestBinary_Memory(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN with -short: compiles and starts the real program")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	program, port := lambdatest.Build(ctx, t), echoServer(t)
	f := lambdatest.Start(t, program, "arn", time.Minute, "_HANDLER="+gate.HandlerVantage, gate.EnvVantage+"=v", gate.EnvAllow+fmt.Sprintf("=tcp-echo://127.0.0.1:%d", port))
	for run := range 3 {
		var paths []gate.PathRequest
		for i := range 20 {
			paths = append(paths, gate.PathRequest{Name: fmt.Sprint("path-", i), Target: local(probe.KindTCPEcho, port)})
		}
		req := measureRequest(paths...)
		req.RunID, req.Count, req.Interval = fmt.Sprint("run-", run), 100, 10_000
		raw, err := json.Marshal(req)
		if err != nil {
			t.Fatal(err)
		}
		end := f.Invoke(ctx, "i", raw)
		var answer gate.VantageResponse
		if err := json.Unmarshal(end.Payload, &answer); err != nil || end.Error || answer.Error != "" {
			t.Fatalf("%v, %s", err, answer.Error)
		}
		r, err := gate.UnpackResult(answer.Result)
		if err != nil || len(r.Paths) != 20 || r.Paths[19].OK < 95 {
			t.Fatalf("%v, %+v", err, r)
		}
		t.Logf("run %d: answer of %d bytes", run, len(end.Payload))
	}
	peak := f.PeakRSS()
	f.Stop()
	t.Logf("100 probes of 20 targets, 3 times: at most %.1f MiB", float64(peak)/(1<<20))
	if peak == 0 || peak > 128<<20 {
		t.Errorf("held %d bytes, want at most 128 MiB", peak)
	}
}

// TestAsset: what is deployed is for arm64, static, and small.
func TestAsset(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN with -short: compiles for arm64")
	}
	dir, err := lambdabuild.Build(t.Context(), "../..", "./bin/probe-lambda", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Open(filepath.Join(dir, lambdabuild.Bootstrap))
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(lambdabuild.Bootstrap)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, program); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%.2f MB zipped", float64(b.Len())/1e6)
	if b.Len() > 8e6 {
		t.Errorf("%d bytes zipped, want at most 8 MB", b.Len())
	}
}

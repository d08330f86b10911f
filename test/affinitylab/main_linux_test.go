package affinitylab

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// A test program that is started with one of these runs a part of the lab in place of tests.
const (
	cellArgument = "affinity-cell"
	zoneArgument = "affinity-zone"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && (os.Args[1] == cellArgument || os.Args[1] == zoneArgument) {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err := runPart(ctx, os.Args[1], []byte(os.Args[2]))
		stop()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func runPart(ctx context.Context, name string, job []byte) error {
	if name == zoneArgument {
		var z zoneJob
		if err := json.Unmarshal(job, &z); err != nil {
			return err
		}
		return serveZone(ctx, z, os.Stdin, os.Stdout)
	}
	var c Cell
	if err := json.Unmarshal(job, &c); err != nil {
		return err
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	return RunCell(ctx, c, []string{exe, zoneArgument}, os.Stdout)
}

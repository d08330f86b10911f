//go:build !linux

package lab

import (
	"context"
	"errors"

	"github.com/pathproof/pathproof/internal/drill"
)

var errLinux = errors.New("the lab needs Linux")

// A scenario is only known where it can be carried out.
type scenario struct {
	fault string
	side  drill.Side
}

func scenarioNamed(string) *scenario { return nil }

// Scenarios lists the names of all scenarios: none on this system.
func Scenarios() []string { return nil }

// Available says that this system has no lab.
func Available([]Cell) error { return errLinux }

// Main runs one cell: not on this system.
func Main(context.Context, []string) error { return errLinux }

func run(context.Context, Options) (*drill.Report, error) { return nil, errLinux }

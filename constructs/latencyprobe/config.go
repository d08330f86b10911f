package latencyprobe

import (
	"errors"
	"fmt"
	"time"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/gate"
)

// What a gate knows; every missing number has a default.
type (
	// Config is everything that a gate needs to know.
	Config = gate.Config
	// Point is a vantage as the gate calls it: by the name of its function.
	Point = gate.Vantage
	// Path is one path to measure, or one that is declared and not measured.
	Path = gate.Path
	// Target is what a path's probes talk to.
	Target = gate.Target
	// Comparison asks which of some paths is faster.
	Comparison = gate.Comparison
	// Ready says when a path counts as working.
	Ready = gate.Ready
	// Run is how paths are measured.
	Run = gate.Run
	// Policy is what follows from verdicts.
	Policy = gate.Policy
	// Measured says who measures a path.
	Measured = gate.Measured
	// Action is what a verdict leads to.
	Action = gate.Action
)

// ConfigSchema is what Config.Schema has to be.
const ConfigSchema = gate.ConfigSchema

// resolved is a configuration with its defaults, as the gate itself will read it.
func resolved(c *Config) (config *Config, document []byte, err error) {
	document, err = encode(c)
	if err != nil {
		return nil, nil, err
	}
	config, err = gate.Load(document, "")
	return config, document, err
}

// Resolve returns a gate's configuration with every default filled in, as the gate reads it, or everything that is wrong with it.
func Resolve(c *Config) (*Config, error) {
	if c == nil {
		return nil, errors.New("missing; give what the gate measures")
	}
	config, _, err := resolved(c)
	return config, err
}

// Period is how long a period of a path's metrics has to be, so that each holds a run of a gate that measures every so often, also one
// that came late.
func Period(c *Config, every time.Duration) time.Duration {
	lag := (c.Lag() + time.Minute - 1).Truncate(time.Minute)
	return min(every+lag, lookBack)
}

func requireConfig(f *cdkx.Fields, c *Config) *Config {
	if c == nil {
		f.Addf("config", "missing; give what the gate measures")
		return nil
	}
	config, _, err := resolved(c)
	if err != nil {
		f.Addf("config", "%w", err)
		return nil
	}
	return config
}

// maxFunctionName is Lambda's.
const maxFunctionName = 64

func requireName(f *cdkx.Fields, name string) {
	if name == "" || len(name) > maxFunctionName {
		f.Addf("functionName", "has to be fixed and at most %d characters long, got %q", maxFunctionName, name)
	}
}

// orEmpty lets Validate, not a nil dereference, report missing props.
func orEmpty[T any](props *T) *T {
	if props == nil {
		return new(T)
	}
	return props
}

// must panics with what a program outside of a user's reach refused, located at path.
func must(path string, err error) {
	if err != nil {
		panic(fmt.Errorf("%s: %w", path, err))
	}
}

package gate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

// placeholder is a value that only the deployment knows.
var placeholder = regexp.MustCompile(`\$\{([A-Za-z0-9_.-]+)\}`)

// Load reads a document, puts values in the place of its placeholders, fills in the defaults and checks it. values is a JSON
// object of strings, the text of EnvValues; empty if there are none.
func Load(document []byte, values string) (*Config, error) {
	known, err := parseValues(values)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, fmt.Errorf("%s: not JSON: %w", ConfigFile, err)
	}
	var missing []string
	tree = resolve(tree, known, &missing)
	if len(missing) > 0 {
		return nil, noValues(ConfigFile, missing)
	}
	resolved, err := json.Marshal(tree)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ConfigFile, err)
	}
	strict := json.NewDecoder(bytes.NewReader(resolved))
	strict.DisallowUnknownFields() // the document and the program are of one asset: what is unknown is a mistake
	c := &Config{}
	if err := strict.Decode(c); err != nil {
		return nil, fmt.Errorf("%s: %w", ConfigFile, err)
	}
	c.setDefaults()
	return c, c.Check()
}

func parseValues(text string) (map[string]string, error) {
	known := map[string]string{}
	if text == "" {
		return known, nil
	}
	if err := json.Unmarshal([]byte(text), &known); err != nil {
		return nil, fmt.Errorf("%s: not a JSON object of strings: %w", EnvValues, err)
	}
	return known, nil
}

func noValues(where string, missing []string) error {
	slices.Sort(missing)
	return fmt.Errorf("%s: no value for ${%s}; give it in the environment variable %s", where, strings.Join(slices.Compact(missing), "}, ${"), EnvValues)
}

// resolve replaces placeholders in every string of a JSON tree.
func resolve(tree any, known map[string]string, missing *[]string) any {
	switch v := tree.(type) {
	case string:
		return resolveText(v, known, missing)
	case []any:
		for i := range v {
			v[i] = resolve(v[i], known, missing)
		}
	case map[string]any:
		for k := range v {
			v[k] = resolve(v[k], known, missing)
		}
	}
	return tree
}

func resolveText(s string, known map[string]string, missing *[]string) string {
	return placeholder.ReplaceAllStringFunc(s, func(p string) string {
		name := p[2 : len(p)-1]
		value, ok := known[name]
		if !ok {
			*missing = append(*missing, name)
		}
		return value
	})
}

func (c *Config) setDefaults() {
	r := &c.Run
	r.Count = cmp.Or(r.Count, 100)
	r.ScheduledCount = cmp.Or(r.ScheduledCount, r.Count)
	r.Warmup = cmp.Or(r.Warmup, 3)
	r.Denials = cmp.Or(r.Denials, DefaultDenials)
	r.Interval = cmp.Or(r.Interval, probe.MicrosOf(50*time.Millisecond))
	r.Timeout = cmp.Or(r.Timeout, probe.MicrosOf(3*time.Second))
	r.InFlight = cmp.Or(r.InFlight, 4)
	r.Wait = cmp.Or(r.Wait, probe.MicrosOf(5*time.Minute))
	r.Budget = cmp.Or(r.Budget, probe.MicrosOf(12*time.Minute))
	c.Policy.Confidence = cmp.Or(c.Policy.Confidence, 0.95)
	c.Policy.OnDeploy = cmp.Or(c.Policy.OnDeploy, ActReport)
	c.Policy.Pipeline = cmp.Or(c.Policy.Pipeline, ActFail)
	c.Policy.Inconclusive = cmp.Or(c.Policy.Inconclusive, ActReport)
	for i := range c.Paths {
		if r := c.Paths[i].Ready; r != nil {
			r.Within = cmp.Or(r.Within, probe.MicrosOf(10*time.Minute))
			r.Consecutive = cmp.Or(r.Consecutive, 3)
			r.Poll = cmp.Or(r.Poll, probe.MicrosOf(5*time.Second))
		}
	}
}

// Measuring is how long one measurement of a vantage's paths takes at most, when nothing answers.
func (r Run) Measuring() time.Duration {
	probes := time.Duration(r.Count + max(r.Warmup, 0))
	schedule := probes * r.Interval.Duration()
	dead := probes * r.Timeout.Duration() / time.Duration(max(r.InFlight, 1))
	return max(schedule, dead) + 2*r.Timeout.Duration() + r.Denying()
}

// DefaultDenials is how many probes show that a path does not work. If one in four got through, ten would all fail once in
// 18 runs; if one of two parallel ways were open, once in 1,000. What lets less than that through takes more to be found.
const (
	DefaultDenials = 10
	MaxDenials     = 1000
)

// DenyInterval is the mean time between probes of a path that must not work. No times come of them that it could disturb.
func (r Run) DenyInterval() probe.Micros {
	return min(r.Interval, probe.MicrosOf(100*time.Millisecond))
}

// Denying is how long the probes of paths that must not work take at most. They come after the measurement, and none waits
// for another, because silence takes a whole timeout.
func (r Run) Denying() time.Duration {
	waves := time.Duration((r.Denials + MaxInFlight - 1) / MaxInFlight)
	return time.Duration(r.Denials)*r.DenyInterval().Duration() + waves*r.Timeout.Duration()
}

// MaxMeasuring is the longest measurement: a call that is silent for more than about 350 s may be cut by what is between.
const MaxMeasuring = 5 * time.Minute

// Slice is how long one invocation of a vantage waits for a path: a minute, or twice what it takes at least.
func (r Ready) Slice() time.Duration {
	return max(time.Minute, 2*time.Duration(r.Consecutive)*r.Poll.Duration())
}

// Lag is how long after it began the figures of a scheduled run may come: the longest wait for a path, and the measurement.
func (c *Config) Lag() time.Duration {
	var wait time.Duration
	for i := range c.Paths {
		if r := c.Paths[i].Ready; r != nil {
			wait = max(wait, r.Within.Duration())
		}
	}
	return wait + c.Run.scheduled().Measuring()
}

// VantageTimeout is what the functions of vantages need as their timeout: a measurement or a wait for paths, flows that
// failed again, and an answer.
func (c *Config) VantageTimeout() time.Duration {
	longest := max(c.Run.Measuring(), c.Run.scheduled().Measuring())
	for i := range c.Paths {
		if r := c.Paths[i].Ready; r != nil {
			longest = max(longest, r.Slice())
		}
	}
	return (longest + 45*time.Second).Round(time.Second)
}

// GateTimeout is what the gate's function needs as its timeout. It is Lambda's maximum at most; a run that could be longer
// ends there, except in a pipeline, where it is continued.
func (c *Config) GateTimeout() time.Duration {
	return min((c.Run.Budget.Duration() + time.Minute).Round(time.Second), 15*time.Minute)
}

// PathNames lists the paths.
func (c *Config) PathNames() []string {
	var names []string
	for i := range c.Paths {
		names = append(names, c.Paths[i].Name)
	}
	return names
}

// Path returns a path by its name, or nil.
func (c *Config) Path(name string) *Path {
	for i := range c.Paths {
		if c.Paths[i].Name == name {
			return &c.Paths[i]
		}
	}
	return nil
}

// Select keeps the paths named, and the comparisons and objectives that are about them alone. No names: everything.
func (c *Config) Select(names []string) (*Config, error) {
	if len(names) == 0 {
		return c, nil
	}
	var errs []error
	for _, n := range names {
		if c.Path(n) == nil {
			errs = append(errs, fmt.Errorf("paths: unknown path, got %.100q; use one of %q", n, c.PathNames()))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	only := func(has []string) bool {
		return !slices.ContainsFunc(has, func(n string) bool { return !slices.Contains(names, n) })
	}
	out := *c
	out.Paths = slices.DeleteFunc(slices.Clone(c.Paths), func(p Path) bool { return !slices.Contains(names, p.Name) })
	out.Comparisons = slices.DeleteFunc(slices.Clone(c.Comparisons), func(x Comparison) bool { return !only(x.Paths) })
	out.Objectives = slices.DeleteFunc(slices.Clone(c.Objectives), func(o string) bool { return !only(mentioned(o, "")) })
	return &out, nil
}

// For is the document as an event wants it: its paths, and the count of a schedule.
func (c *Config) For(e *Event, paths []string) (*Config, error) {
	if len(paths) == 0 {
		paths = e.Paths
	}
	out, err := c.Select(paths)
	if err != nil {
		return nil, err
	}
	for i := range out.Paths {
		if p := &out.Paths[i]; e.Submitted != nil && p.Measured != ByClient {
			return nil, fmt.Errorf("path %s is measured by %s; submit paths that are measured by client", p.Name, p.Measured)
		}
	}
	if e.Caller == BySchedule {
		scheduled := *out
		scheduled.Run = out.Run.scheduled()
		out = &scheduled
	}
	return out, nil
}

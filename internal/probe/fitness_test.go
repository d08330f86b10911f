package probe

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestFitness_Judge(t *testing.T) {
	base := func() fitness {
		return fitness{
			overhead: Percentiles{P90: 400}, lag: Percentiles{P90: 200, P99: 900},
			duration: 10 * time.Second, preempted: 100, allSent: 100,
		}
	}
	for name, test := range map[string]struct {
		change func(*fitness)
		want   Quality
		note   string
	}{
		"idle":                   {func(*fitness) {}, Good, ""},
		"slow program":           {func(f *fitness) { f.overhead.P90 = 15_000 }, Degraded, "added 15ms"},
		"very slow program":      {func(f *fitness) { f.overhead.P90 = 150_000 }, Poor, "added 150ms"},
		"late timers":            {func(f *fitness) { f.lag.P99 = 11_000 }, Degraded, "timers were 11ms late at p99"},
		"very late timers":       {func(f *fitness) { f.lag.P99 = 200_000 }, Poor, "200ms"},
		"kernel, timers at 2 ms": {func(f *fitness) { f.lag.P90 = 2000 }, Good, ""},
		"own clock, so":          {func(f *fitness) { f.lag.P90 = 2000; f.ownClock = true }, Degraded, "own clock"},
		"own clock, worse":       {func(f *fitness) { f.lag.P90 = 20_000; f.lag.P99 = 20_000; f.ownClock = true }, Poor, "own clock"},
		"throttled":              {func(f *fitness) { f.throttled = 200 * time.Millisecond }, Degraded, "2.0 %"},
		"starved":                {func(f *fitness) { f.throttled = 5 * time.Second }, Poor, "50.0 %"},
		"preempted":              {func(f *fitness) { f.preempted = 9000 }, Degraded, "900 times a second"},
		"each probe costs some":  {func(f *fitness) { f.preempted = 9000; f.allSent = 1000 }, Good, ""},
		"one not sent":           {func(f *fitness) { f.invalid = 1 }, Degraded, "1 of 101"},
		"many not sent":          {func(f *fitness) { f.invalid = 50 }, Poor, "50 of 150"},
		"nothing known":          {func(f *fitness) { *f = fitness{} }, Good, ""},
	} {
		f := base()
		test.change(&f)
		got, notes := f.judge()
		text := strings.Join(notes, "; ")
		if got != test.want || !strings.Contains(text, test.note) || (test.note == "") != (text == "") {
			t.Errorf("%s: got %s, %q; want %s, %q", name, got, text, test.want, test.note)
		}
	}
}

func TestThrottled_ReadsBothVersions(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	for name, test := range map[string]struct {
		root fstest.MapFS
		want time.Duration
	}{
		"version 2": {fstest.MapFS{
			"proc/self/cgroup": file("0::/system.slice/x.service\n"),
			"sys/fs/cgroup/system.slice/x.service/cpu.stat": file("usage_usec 5\nnr_throttled 2\nthrottled_usec 1500\n"),
		}, 1500 * time.Microsecond},
		"version 2 in a container": {fstest.MapFS{
			"proc/self/cgroup":       file("0::/\n"),
			"sys/fs/cgroup/cpu.stat": file("usage_usec 5\nthrottled_usec 7\n"),
		}, 7 * time.Microsecond},
		"version 1": {fstest.MapFS{
			"proc/self/cgroup": file("2:cpuacct:/\n1:cpu,cpuacct:/docker/ab\n0::/\n"),
			"sys/fs/cgroup/cpu,cpuacct/docker/ab/cpu.stat": file("nr_periods 1\nnr_throttled 1\nthrottled_time 2500000\n"),
		}, 2500 * time.Microsecond},
		"version 1, mounted as the root": {fstest.MapFS{
			"proc/self/cgroup":           file("1:cpu:/docker/ab\n"),
			"sys/fs/cgroup/cpu/cpu.stat": file("throttled_time 3000\n"),
		}, 3 * time.Microsecond},
		"no quota":     {fstest.MapFS{"proc/self/cgroup": file("0::/x\n"), "sys/fs/cgroup/x/cpu.stat": file("usage_usec 5\n")}, 0},
		"not on Linux": {fstest.MapFS{}, 0},
		"nonsense":     {fstest.MapFS{"proc/self/cgroup": file("x\n0::/\n"), "sys/fs/cgroup/cpu.stat": file("throttled_usec many\n")}, 0},
	} {
		if got := readThrottled(test.root); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}

func TestPercentiles_NearestRank(t *testing.T) {
	var values []Micros
	for i := range 100 {
		values = append(values, Micros(100-i))
	}
	if got, want := percentilesOf(values), (Percentiles{50, 90, 99}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := percentilesOf([]Micros{3}), (Percentiles{3, 3, 3}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := percentilesOf(nil); got != (Percentiles{}) {
		t.Errorf("of nothing: %v", got)
	}
}

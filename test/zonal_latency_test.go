package test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/alarmtest"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/topology"
)

// zoneRun is what a run measures of a zone: 30 probes.
type zoneRun struct {
	connect time.Duration // the median; the slowest takes half as long again
	lost    int           // percent
}

// zonesAlarmed runs an hour of the reference network's gate, every five minutes, against its alarms of zones: those that were in alarm at any
// time, and those that are at the end.
func zonesAlarmed(t *testing.T, measured func(zone string, run int) *zoneRun) (ever, last []string) {
	t.Helper()
	s := synth(t, "reference")
	z := s.plan.ZonalService("foo")
	tpl := s.templates[s.plan.StackName(topology.LayerOps, s.plan.Measurement.Home)]
	series := alarmtest.Series{}
	for _, l := range z.Latencies {
		dims := []alarmtest.Dimension{dim("Network", "reference"), dim("Path", l.Path), dim("SourceAzId", l.ZoneID), dim("TargetAzId", l.ZoneID)}
		connect, fail := alarmtest.Key("Pathproof", "ConnectRtt", dims...), alarmtest.Key("Pathproof", "FailurePercent", dims...)
		for run := range 12 {
			at, m := time.Duration(run)*5*time.Minute, measured(l.ZoneID, run)
			if m == nil {
				continue
			}
			series[fail] = append(series[fail], alarmtest.Sample{At: at, Value: float64(m.lost)})
			for i := range 30 * (100 - m.lost) / 100 {
				micros := float64(m.connect.Microseconds())
				if i == 0 {
					micros *= 1.5
				}
				series[connect] = append(series[connect], alarmtest.Sample{At: at, Value: micros})
			}
		}
	}
	for _, zone := range z.Zones {
		for _, id := range []string{naming.SlowZoneAlarm(zone.ZoneID), naming.FailingZoneAlarm(zone.ZoneID)} {
			a, err := alarmtest.Decode((resolver{t, s}).value(tpl.Resource(t, logical(naming.ZonalLatency("foo")+"/"+id), alarm).Properties).(m))
			if err != nil {
				t.Fatal(err)
			}
			state, was := alarmtest.Insufficient, false
			for at := time.Duration(0); at <= time.Hour; at += time.Minute {
				if state, err = a.State(series, at, state); err != nil {
					t.Fatal(err)
				}
				was = was || state == alarmtest.InAlarm
			}
			if was {
				ever = append(ever, id)
			}
			if state == alarmtest.InAlarm {
				last = append(last, id)
			}
		}
	}
	return ever, last
}

func TestZonal_AlarmsSayWhichZoneStandsOut(t *testing.T) {
	const usual = 300 * time.Microsecond
	only := func(zone string, run zoneRun) func(string, int) *zoneRun {
		return func(z string, _ int) *zoneRun {
			if z == zone {
				return &run
			}
			return &zoneRun{connect: usual}
		}
	}
	all := func(run *zoneRun) func(string, int) *zoneRun {
		return func(string, int) *zoneRun { return run }
	}
	inRuns := func(first, last int, bad func(string, int) *zoneRun) func(string, int) *zoneRun {
		return func(z string, run int) *zoneRun {
			if run >= first && run <= last {
				return bad(z, run)
			}
			return &zoneRun{connect: usual}
		}
	}
	for name, c := range map[string]struct {
		measured   func(string, int) *zoneRun
		ever, last string
	}{
		"all is well":                 {all(&zoneRun{connect: usual}), "", ""},
		"a zone is ten times slower":  {only("apne2-az2", zoneRun{connect: 10 * usual}), "Slow-apne2-az2", "Slow-apne2-az2"},
		"a zone is a little slower":   {only("apne2-az2", zoneRun{connect: 3 * usual}), "", ""},
		"all zones are slow":          {all(&zoneRun{connect: 50 * usual}), "", ""},
		"a zone loses every tenth":    {only("apne2-az3", zoneRun{connect: usual, lost: 10}), "Failing-apne2-az3", "Failing-apne2-az3"},
		"a zone loses one in thirty":  {only("apne2-az3", zoneRun{connect: usual, lost: 3}), "", ""},
		"a zone is dead":              {only("apne2-az1", zoneRun{lost: 100}), "Failing-apne2-az1", "Failing-apne2-az1"},
		"all zones are dead":          {all(&zoneRun{lost: 100}), "", ""},
		"nothing is measured":         {all(nil), "", ""},
		"one bad run":                 {inRuns(4, 4, only("apne2-az2", zoneRun{connect: 10 * usual, lost: 10})), "", ""},
		"a zone is slow and recovers": {inRuns(2, 6, only("apne2-az2", zoneRun{connect: 10 * usual})), "Slow-apne2-az2", ""},
		"a zone is slow and fails":    {only("apne2-az1", zoneRun{connect: 20 * usual, lost: 20}), "Slow-apne2-az1 Failing-apne2-az1", "Slow-apne2-az1 Failing-apne2-az1"},
		"only one other is measured": {func(z string, r int) *zoneRun {
			return map[string]*zoneRun{"apne2-az1": {connect: 10 * usual}, "apne2-az2": {connect: usual}}[z]
		}, "Slow-apne2-az1", "Slow-apne2-az1"},
		"two are slow, and no one stands out": {func(z string, r int) *zoneRun {
			return map[string]*zoneRun{"apne2-az1": {connect: 10 * usual}, "apne2-az2": {connect: 10 * usual}, "apne2-az3": {connect: usual}}[z]
		}, "", ""},
	} {
		ever, last := zonesAlarmed(t, c.measured)
		if !slices.Equal(ever, strings.Fields(c.ever)) || !slices.Equal(last, strings.Fields(c.last)) {
			t.Errorf("%s: in alarm %v, at the end %v; want %s, at the end %s", name, ever, last, c.ever, c.last)
		}
	}
}

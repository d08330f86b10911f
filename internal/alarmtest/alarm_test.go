package alarmtest

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestState_TablesOfTheGuide evaluates the tables of the Amazon CloudWatch User Guide, "How alarm state is evaluated when data is
// missing": X is bad, 0 is good, - is missing, the newest last; the state before is INSUFFICIENT_DATA where it is retained.
func TestState_TablesOfTheGuide(t *testing.T) {
	const retain = Insufficient
	for _, x := range []struct {
		points                                   string
		needed                                   int
		missing, ignore, breaching, notBreaching State
	}{
		{"0-X-X", 3, OK, OK, OK, OK},
		{"----0", 3, OK, OK, OK, OK},
		{"-----", 3, Insufficient, retain, InAlarm, OK},
		{"0XX-X", 3, InAlarm, InAlarm, InAlarm, InAlarm},
		{"--X--", 3, InAlarm, retain, InAlarm, OK},
		{"0-X-X", 2, InAlarm, InAlarm, InAlarm, InAlarm},
		{"00X0X", 2, InAlarm, InAlarm, InAlarm, InAlarm},
		{"0-X--", 2, OK, OK, InAlarm, OK},
		{"----0", 2, OK, OK, InAlarm, OK},
		{"----X", 2, InAlarm, retain, InAlarm, OK},
	} {
		s := Series{}
		for i, p := range x.points {
			if p != '-' {
				value := map[rune]float64{'X': 0, '0': 1}[p]
				s["N M "] = append(s["N M "], Sample{time.Duration(i) * time.Minute, value})
			}
		}
		for treat, want := range map[string]State{"missing": x.missing, "ignore": x.ignore, "breaching": x.breaching, "notBreaching": x.notBreaching} {
			a := &Alarm{Namespace: "N", MetricName: "M", Statistic: "Average", Period: 60, EvaluationPeriods: 3, DatapointsToAlarm: x.needed,
				ComparisonOperator: "LessThanThreshold", Threshold: 1, TreatMissingData: treat}
			got, err := a.State(s, 5*time.Minute, retain)
			if err != nil || got != want {
				t.Errorf("%s, %d of 3, %s: got %s, %v; want %s", x.points, x.needed, treat, got, err, want)
			}
		}
	}
}

func TestState_Statistics(t *testing.T) {
	s := Series{"N M A=1,B=2": {{0, 4}, {time.Second, 1}, {59 * time.Second, 1}, {time.Minute, 100}}}
	for statistic, want := range map[string]float64{"Sum": 6, "Minimum": 1, "Maximum": 4, "Average": 2, "p50": 1, "p67": 4, "p99": 4} {
		for _, c := range []struct {
			operator  string
			threshold float64
			state     State
		}{{"GreaterThanThreshold", want, OK}, {"GreaterThanOrEqualToThreshold", want, InAlarm}, {"LessThanThreshold", want, OK}, {"LessThanOrEqualToThreshold", want, InAlarm}} {
			a := &Alarm{Namespace: "N", MetricName: "M", Dimensions: []Dimension{{"B", "2"}, {"A", "1"}}, Statistic: statistic, Period: 60,
				EvaluationPeriods: 1, ComparisonOperator: c.operator, Threshold: c.threshold, TreatMissingData: "missing"}
			if got, err := a.State(s, 90*time.Second, OK); err != nil || got != c.state {
				t.Errorf("%s %s %g: got %s, %v", statistic, c.operator, c.threshold, got, err)
			}
		}
	}
}

// Periods slide: a bad minute is seen at the next look, and for as long as the period is.
func TestState_WindowSlides(t *testing.T) {
	s := Series{"N M ": nil}
	for i := range 30 {
		value := 1.0
		if i == 12 {
			value = 0
		}
		s["N M "] = append(s["N M "], Sample{time.Duration(i) * time.Minute, value})
	}
	a := &Alarm{Namespace: "N", MetricName: "M", Statistic: "Minimum", Period: 300, EvaluationPeriods: 1, ComparisonOperator: "LessThanThreshold", Threshold: 1, TreatMissingData: "breaching"}
	for minute, want := range map[int]State{12: OK, 13: InAlarm, 17: InAlarm, 18: OK} {
		if got, err := a.State(s, time.Duration(minute)*time.Minute+30*time.Second, OK); err != nil || got != want {
			t.Errorf("in minute %d: got %s, %v; want %s", minute, got, err, want)
		}
	}
}

func TestState_Math(t *testing.T) {
	decode := func(expression string) *Alarm {
		stat := func(name string) map[string]any {
			return map[string]any{"Id": name, "ReturnData": false, "MetricStat": map[string]any{"Metric": map[string]any{"Namespace": "N", "MetricName": name}, "Period": 60, "Stat": "Sum"}}
		}
		a, err := Decode(map[string]any{"AlarmDescription": "x", "Metrics": []any{stat("received"), stat("sent"),
			map[string]any{"Id": "rate", "Label": "l", "ReturnData": true, "Expression": expression}}, "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold",
			"Threshold": 99, "TreatMissingData": "notBreaching"})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	const rate = "MAX([received, sent]) * 8 / PERIOD(received)"
	for name, x := range map[string]struct {
		s    Series
		want State
	}{
		"the larger counts":  {Series{"N received ": {{0, 10}}, "N sent ": {{0, 750}}}, InAlarm}, // 750 x 8 / 60 = 100
		"just below":         {Series{"N received ": {{0, 742}}, "N sent ": {{0, 742}}}, OK},     // not their sum
		"one has no data":    {Series{"N sent ": {{0, 750}}}, InAlarm},
		"neither has data":   {Series{}, OK},
		"samples are summed": {Series{"N received ": {{0, 375}, {time.Second, 375}}}, InAlarm},
	} {
		if got, err := decode(rate).State(x.s, time.Minute, OK); err != nil || got != x.want {
			t.Errorf("%s: got %s, %v; want %s", name, got, err, x.want)
		}
	}
	// Products before sums, from left to right, parentheses first; 6, 4 and the threshold of 99.
	s := Series{"N received ": {{0, 6}}, "N sent ": {{0, 4}}}
	for expression, value := range map[string]float64{"received + sent * 2": 14, "(received + sent) * 2": 20, "received - sent - 1": 1, "received - (sent - 1)": 3,
		"received / (MAX([sent, received]) + 6)": 0.5, "12 / received / 2": 1} {
		for add, want := range map[float64]State{99 - value: OK, 99.5 - value: InAlarm} {
			if got, err := decode(expression+" + "+strconv.FormatFloat(add, 'g', -1, 64)).State(s, time.Minute, OK); err != nil || got != want {
				t.Errorf("%s + %g: got %s, %v; want %s", expression, add, got, err, want)
			}
		}
	}
	for _, bad := range []string{"", "MAX(received, sent)", "received + ", "(received", "received - )", "MAX([received, other])", "received sent", "PERIOD(8)", "received *"} {
		if _, err := decode(bad).State(Series{}, time.Minute, OK); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

// What is not known is refused: an alarm that is not understood would pass.
func TestDecode_RefusesWhatItDoesNotKnow(t *testing.T) {
	if _, err := Decode(map[string]any{"ThresholdMetricId": "x"}); err == nil || !strings.Contains(err.Error(), "ThresholdMetricId") {
		t.Errorf("got %v", err)
	}
	for _, a := range []*Alarm{
		{Period: 60, EvaluationPeriods: 1, ComparisonOperator: "x", Statistic: "Sum", TreatMissingData: "missing"},
		{Period: 60, EvaluationPeriods: 1, ComparisonOperator: "LessThanThreshold", Statistic: "p100", TreatMissingData: "missing"},
		{Period: 60, EvaluationPeriods: 1, ComparisonOperator: "LessThanThreshold", Statistic: "Sum", TreatMissingData: "x"},
	} {
		if got, err := a.State(Series{"  ": {{0, 1}}}, time.Minute, OK); err == nil {
			t.Errorf("%+v: %s", a, got)
		}
	}
}

// Package alarmtest decides about CloudWatch alarms as CloudWatch does, so that tests can ask what the alarms of a template make of
// metrics. It knows what pathproof's alarms use and refuses everything else.
package alarmtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// State is the state of an alarm.
type State string

// The states.
const (
	OK           State = "OK"
	InAlarm      State = "ALARM"
	Insufficient State = "INSUFFICIENT_DATA"
)

// Alarm is AWS::CloudWatch::Alarm, with what references have become.
type Alarm struct {
	Namespace, MetricName, Statistic string
	Dimensions                       []Dimension
	Period                           int // seconds
	Metrics                          []Query
	EvaluationPeriods                int
	DatapointsToAlarm                int
	ComparisonOperator               string
	Threshold                        float64
	TreatMissingData                 string
}

// Dimension is a dimension of a metric.
type Dimension struct{ Name, Value string }

// Query is a metric or an expression of an alarm that does arithmetic.
type Query struct {
	ID         string `json:"Id"`
	Label      string
	Expression string
	ReturnData bool
	MetricStat *struct {
		Metric struct {
			Namespace, MetricName string
			Dimensions            []Dimension
		}
		Period int
		Stat   string
	}
}

// Decode reads an alarm's properties, in which references are resolved. It refuses properties that it does not know.
func Decode(properties map[string]any) (*Alarm, error) {
	known := maps.Clone(properties)
	for _, other := range []string{"AlarmActions", "OKActions", "AlarmDescription", "AlarmName", "Tags"} {
		delete(known, other)
	}
	text, err := json.Marshal(known)
	if err != nil {
		return nil, err
	}
	a := &Alarm{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(a); err != nil {
		return nil, fmt.Errorf("alarm: %w", err)
	}
	return a, nil
}

// Sample is one value of a metric at a time since the beginning.
type Sample struct {
	At    time.Duration
	Value float64
}

// Series holds samples by metric; see Key.
type Series map[string][]Sample

// Key names a metric: its namespace, name and dimensions in whatever order.
func Key(namespace, name string, dimensions ...Dimension) string {
	var parts []string
	for _, d := range dimensions {
		parts = append(parts, d.Name+"="+d.Value)
	}
	slices.Sort(parts)
	return namespace + " " + name + " " + strings.Join(parts, ",")
}

// furtherPeriods is how many periods before those of the alarm CloudWatch looks at for data that it can use in place of what is
// missing. AWS does not give the number; the tables in the Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms
// treat missing data", are of alarms over three periods and show five.
const furtherPeriods = 2

// State decides at a time, with the state before. CloudWatch looks every minute, and the periods end at that minute: of an alarm
// over five minutes one look sees minutes 1 to 5, the next one 2 to 6 (Amazon CloudWatch User Guide, "Alarm evaluation").
func (a *Alarm) State(s Series, at time.Duration, before State) (State, error) {
	period, values, err := a.values(s)
	if err != nil {
		return "", err
	}
	var points []bool // whether each is bad, newest first
	end := at.Truncate(time.Minute)
	for i := range a.EvaluationPeriods + furtherPeriods {
		start := end - time.Duration(i+1)*period
		v, ok, err := values(start, start+period)
		if err != nil {
			return "", err
		}
		if ok {
			bad, err := a.bad(v)
			if err != nil {
				return "", err
			}
			points = append(points, bad)
		}
	}
	points = points[:min(len(points), a.EvaluationPeriods)]
	return a.decide(points, before)
}

// decide follows the guide's tables: data that is there comes first, and only what is then missing is treated.
func (a *Alarm) decide(points []bool, before State) (State, error) {
	needed := a.DatapointsToAlarm
	if needed == 0 {
		needed = a.EvaluationPeriods
	}
	bad := 0
	for _, b := range points {
		if b {
			bad++
		}
	}
	missing := a.EvaluationPeriods - len(points)
	switch a.TreatMissingData {
	case "breaching":
		bad += missing
	case "notBreaching":
	case "ignore", "missing", "":
		if missing > 0 && bad < needed && bad == len(points) { // nothing that is there speaks against it
			switch {
			case a.TreatMissingData == "ignore":
				return before, nil
			case len(points) == 0:
				return Insufficient, nil
			}
			return InAlarm, nil
		}
	default:
		return "", fmt.Errorf("alarm: unknown TreatMissingData, got %q", a.TreatMissingData)
	}
	if bad >= needed {
		return InAlarm, nil
	}
	return OK, nil
}

func (a *Alarm) bad(v float64) (bool, error) {
	switch a.ComparisonOperator {
	case "LessThanThreshold":
		return v < a.Threshold, nil
	case "LessThanOrEqualToThreshold":
		return v <= a.Threshold, nil
	case "GreaterThanThreshold":
		return v > a.Threshold, nil
	case "GreaterThanOrEqualToThreshold":
		return v >= a.Threshold, nil
	}
	return false, fmt.Errorf("alarm: unknown ComparisonOperator, got %q", a.ComparisonOperator)
}

// value is what a metric or an expression is in a span of time; false: nothing.
type value func(start, end time.Duration) (float64, bool, error)

// values returns what the alarm watches, and its period.
func (a *Alarm) values(s Series) (time.Duration, value, error) {
	if len(a.Metrics) == 0 {
		return time.Duration(a.Period) * time.Second, s.metric(Key(a.Namespace, a.MetricName, a.Dimensions...), a.Statistic), nil
	}
	metrics := map[string]value{}
	period, expression := 0, ""
	for _, q := range a.Metrics {
		switch {
		case q.MetricStat != nil:
			m := q.MetricStat
			if period != 0 && period != m.Period {
				return 0, nil, fmt.Errorf("alarm: metrics of two periods, got %d and %d", period, m.Period)
			}
			period, metrics[q.ID] = m.Period, s.metric(Key(m.Metric.Namespace, m.Metric.MetricName, m.Metric.Dimensions...), m.Stat)
			if q.ReturnData {
				return 0, nil, fmt.Errorf("alarm: metric %s returns data beside the expression", q.ID)
			}
		case q.ReturnData && expression == "":
			expression = q.Expression
		default:
			return 0, nil, fmt.Errorf("alarm: expression %s is a second one, or returns no data", q.ID)
		}
	}
	e, err := parse(expression, metrics, time.Duration(period)*time.Second)
	return time.Duration(period) * time.Second, e, err
}

// metric is a statistic of a metric's samples.
func (s Series) metric(key, statistic string) value {
	return func(start, end time.Duration) (float64, bool, error) {
		var in []float64
		for _, x := range s[key] {
			if x.At >= start && x.At < end {
				in = append(in, x.Value)
			}
		}
		if len(in) == 0 {
			return 0, false, nil
		}
		sum := 0.0
		for _, v := range in {
			sum += v
		}
		switch statistic {
		case "Minimum":
			return slices.Min(in), true, nil
		case "Maximum":
			return slices.Max(in), true, nil
		case "Sum":
			return sum, true, nil
		case "Average":
			return sum / float64(len(in)), true, nil
		}
		if p, err := strconv.ParseFloat(strings.TrimPrefix(statistic, "p"), 64); err == nil && strings.HasPrefix(statistic, "p") && p > 0 && p < 100 {
			slices.Sort(in)
			return in[int(math.Ceil(p/100*float64(len(in))))-1], true, nil // by nearest rank; AWS does not say how it interpolates
		}
		return 0, false, fmt.Errorf("alarm: unknown statistic, got %q", statistic)
	}
}

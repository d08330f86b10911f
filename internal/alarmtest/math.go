package alarmtest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// expression is a formula of metric math over metrics by their ids: numbers, ids, MAX([id, id]), PERIOD(id), + - * / and parentheses.
type expression struct {
	tokens  []string
	metrics map[string]value
	period  time.Duration
}

var tokenRE = regexp.MustCompile(`\s*([A-Za-z][A-Za-z0-9_]*|[0-9]+(?:\.[0-9]+)?|[-+*/()\[\],])`)

func parse(text string, metrics map[string]value, period time.Duration) (value, error) {
	e := &expression{metrics: metrics, period: period}
	rest := text
	for strings.TrimSpace(rest) != "" {
		m := tokenRE.FindStringSubmatchIndex(rest)
		if m == nil || m[0] != 0 {
			return nil, fmt.Errorf("alarm: expression %q: cannot read %q", text, rest)
		}
		e.tokens = append(e.tokens, rest[m[2]:m[3]])
		rest = rest[m[1]:]
	}
	v, err := e.sum()
	if err == nil && len(e.tokens) > 0 {
		err = fmt.Errorf("cannot read %q", e.tokens)
	}
	if err != nil {
		return nil, fmt.Errorf("alarm: expression %q: %w", text, err)
	}
	return v, nil
}

func (e *expression) next() string {
	if len(e.tokens) == 0 {
		return ""
	}
	t := e.tokens[0]
	e.tokens = e.tokens[1:]
	return t
}

func (e *expression) expect(tokens ...string) error {
	for _, want := range tokens {
		if got := e.next(); got != want {
			return fmt.Errorf("want %q, got %q", want, got)
		}
	}
	return nil
}

func (e *expression) sum() (value, error) { return e.operands(e.product, "+", "-") }

func (e *expression) product() (value, error) { return e.operands(e.factor, "*", "/") }

// operands reads what stands between operators of one rank.
func (e *expression) operands(operand func() (value, error), operators ...string) (value, error) {
	left, err := operand()
	for err == nil && len(e.tokens) > 0 && slices.Contains(operators, e.tokens[0]) {
		operator := e.next()
		var right value
		if right, err = operand(); err == nil {
			left = combine(left, right, operator)
		}
	}
	return left, err
}

// combine: where one side has no data, the result has none.
func combine(left, right value, operator string) value {
	return func(start, end time.Duration) (float64, bool, error) {
		l, okL, errL := left(start, end)
		r, okR, errR := right(start, end)
		switch {
		case errL != nil:
			return 0, false, errL
		case errR != nil || !okL || !okR:
			return 0, false, errR
		case operator == "+":
			return l + r, true, nil
		case operator == "-":
			return l - r, true, nil
		case operator == "*":
			return l * r, true, nil
		}
		return l / r, true, nil
	}
}

func constant(v float64) value {
	return func(time.Duration, time.Duration) (float64, bool, error) { return v, true, nil }
}

func (e *expression) factor() (value, error) {
	t := e.next()
	if v, err := strconv.ParseFloat(t, 64); err == nil {
		return constant(v), nil
	}
	switch t {
	case "(":
		v, err := e.sum()
		if err == nil {
			err = e.expect(")")
		}
		return v, err
	case "MAX":
		return e.maximum()
	case "PERIOD":
		err := e.expect("(")
		if _, err2 := e.id(); err == nil {
			err = err2
		}
		if err == nil {
			err = e.expect(")")
		}
		return constant(e.period.Seconds()), err
	}
	v, ok := e.metrics[t]
	if !ok {
		return nil, fmt.Errorf("no such metric, got %q", t)
	}
	return v, nil
}

func (e *expression) id() (value, error) {
	t := e.next()
	if v, ok := e.metrics[t]; ok {
		return v, nil
	}
	return nil, fmt.Errorf("no such metric, got %q", t)
}

// maximum reads ([id, id]): at each point the largest of those that have data.
func (e *expression) maximum() (value, error) {
	if err := e.expect("(", "["); err != nil {
		return nil, err
	}
	var list []value
	for {
		v, err := e.id()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if t := e.next(); t == "]" {
			break
		} else if t != "," {
			return nil, fmt.Errorf("want a comma, got %q", t)
		}
	}
	if err := e.expect(")"); err != nil {
		return nil, err
	}
	return func(start, end time.Duration) (largest float64, found bool, err error) {
		for _, v := range list {
			x, ok, err := v(start, end)
			if err != nil {
				return 0, false, err
			}
			if ok && (!found || x > largest) {
				largest, found = x, true
			}
		}
		return largest, found, nil
	}, nil
}

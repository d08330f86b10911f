package vpnwatch

import (
	"fmt"
	"strconv"
	"strings"
)

// Text is what an alarm says to people. It is written into the alarm's description, which every receiver shows: email and
// Slack as it is, the webhook function in parts.
type Text struct {
	What  string // what is so, in one sentence
	Means string // what follows from it for traffic
	Do    string // what to do first
	Where
}

// Where is what an alarm is about. Empty parts are left out.
type Where struct {
	Network, Site, Connection string
	Tunnel                    int // 1 or 2; 0: not of one tunnel
	Stack                     string
}

// MaxDescription is the most characters that CloudWatch takes as the description of an alarm.
const MaxDescription = 1024

const (
	meansLine = "Means: "
	doLine    = "Do: "
	whereLine = "Where: "
)

// String writes a text as ParseText reads it: a line for each part that is there.
func (t Text) String() string {
	lines := []string{t.What}
	if t.Means != "" {
		lines = append(lines, meansLine+t.Means)
	}
	if t.Do != "" {
		lines = append(lines, doLine+t.Do)
	}
	if w := t.Where.String(); w != "" {
		lines = append(lines, whereLine+w)
	}
	return strings.Join(lines, "\n")
}

// String writes the parts as "network shop, site idc, VPN connection fw1, tunnel 2, stack shop-ops-ap-northeast-2".
func (w Where) String() string {
	var parts []string
	add := func(what, value string) {
		if value != "" {
			parts = append(parts, what+" "+value)
		}
	}
	add("network", w.Network)
	add("site", w.Site)
	add("VPN connection", w.Connection)
	if w.Tunnel != 0 {
		add("tunnel", strconv.Itoa(w.Tunnel))
	}
	add("stack", w.Stack)
	return strings.Join(parts, ", ")
}

// ParseText reads a text that String wrote. Of any other, What is all of it.
func ParseText(s string) Text {
	var t Text
	var what []string
	for line := range strings.SplitSeq(s, "\n") {
		switch {
		case strings.HasPrefix(line, meansLine):
			t.Means = strings.TrimPrefix(line, meansLine)
		case strings.HasPrefix(line, doLine):
			t.Do = strings.TrimPrefix(line, doLine)
		case strings.HasPrefix(line, whereLine):
			t.Where = parseWhere(strings.TrimPrefix(line, whereLine))
		default:
			what = append(what, line)
		}
	}
	t.What = strings.TrimSpace(strings.Join(what, "\n"))
	return t
}

func parseWhere(s string) Where {
	var w Where
	for part := range strings.SplitSeq(s, ", ") {
		i := strings.LastIndex(part, " ")
		if i < 0 {
			continue
		}
		value := part[i+1:]
		switch part[:i] {
		case "network":
			w.Network = value
		case "site":
			w.Site = value
		case "VPN connection":
			w.Connection = value
		case "tunnel":
			w.Tunnel, _ = strconv.Atoi(value)
		case "stack":
			w.Stack = value
		}
	}
	return w
}

// Title names what an alarm is about in a few words, for alarms without a text of their own.
func (w Where) Title() string {
	switch {
	case w.Site == "":
		return w.Network
	case w.Connection == "":
		return "site " + w.Site
	case w.Tunnel == 0:
		return fmt.Sprintf("site %s, VPN connection %s", w.Site, w.Connection)
	}
	return fmt.Sprintf("site %s, VPN connection %s, tunnel %d", w.Site, w.Connection, w.Tunnel)
}

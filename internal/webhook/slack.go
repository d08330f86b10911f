package webhook

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/lambdax"
)

// Slack's limits, in characters (Slack API, "Blocks"), with room for what escaping adds.
const (
	maxHeader  = 140
	maxSection = 2800
	maxText    = 12_000
)

// payload is the body that Slack's incoming webhooks take. Others, such as Mattermost's, show the text and ignore the blocks, so
// the text says everything too.
type payload struct {
	Text   string  `json:"text"`
	Blocks []block `json:"blocks"`
}

type block struct {
	Type     string `json:"type"`
	Text     *text  `json:"text,omitempty"`
	Fields   []text `json:"fields,omitempty"`
	Elements []text `json:"elements,omitempty"`
}

type text struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

var marks = map[string]string{"ALARM": ":red_circle:", "OK": ":large_green_circle:", "INSUFFICIENT_DATA": ":white_circle:"}

// Encode writes a message in Slack's form.
func (m Message) Encode() []byte {
	title := m.Title
	if m.Kind == KindAlarm {
		title = m.State + ": " + title
	}
	mark := first(marks[m.State], ":information_source:")
	p := payload{Blocks: []block{{Type: "header", Text: &text{"plain_text", lambdax.Cut(mark+" "+title, maxHeader)}}}}
	lines := []string{mark + " *" + escape(title, maxHeader) + "*"}
	for _, part := range m.parts() {
		p.Blocks = append(p.Blocks, block{Type: "section", Text: &text{"mrkdwn", part}})
		lines = append(lines, part)
	}
	if fields := m.fields(); len(fields) > 0 {
		p.Blocks = append(p.Blocks, block{Type: "section", Fields: fields})
		for _, f := range fields {
			lines = append(lines, f.Text)
		}
	}
	if foot := m.foot(); foot != "" {
		p.Blocks = append(p.Blocks, block{Type: "context", Elements: []text{{"mrkdwn", foot}}})
		lines = append(lines, foot)
	}
	p.Text = lambdax.Cut(strings.Join(lines, "\n"), maxText)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(p); err != nil {
		panic(err) // texts only
	}
	return bytes.TrimSpace(b.Bytes())
}

// parts are what happened, what it means and what to do. What is good again needs neither.
func (m Message) parts() []string {
	what := escape(m.Text.What, maxSection)
	switch {
	case m.Kind == KindJSON:
		what = "```" + what + "```"
	case m.State == "OK":
		return []string{"Over: " + what}
	}
	parts := []string{what}
	if m.Text.Means != "" {
		parts = append(parts, "*What it means:* "+escape(m.Text.Means, maxSection))
	}
	if m.Text.Do != "" {
		parts = append(parts, "*What to do:* "+escape(m.Text.Do, maxSection))
	}
	return parts
}

// fields are where it is.
func (m Message) fields() []text {
	var out []text
	add := func(name, value string) {
		if value != "" {
			out = append(out, text{"mrkdwn", "*" + name + ":* " + escape(value, 500)})
		}
	}
	w := m.Text.Where
	add("Network", w.Network)
	add("Site", w.Site)
	add("VPN connection", w.Connection)
	if w.Tunnel != 0 {
		add("Tunnel", string(rune('0'+w.Tunnel)))
	}
	add("Stack", w.Stack)
	for _, name := range slices.Sorted(maps.Keys(m.Facts)) {
		add(name, m.Facts[name])
	}
	return out[:min(len(out), 10)] // as many as a section has
}

func (m Message) foot() string {
	var parts []string
	if m.Reason != "" {
		parts = append(parts, escape(m.Reason, 500))
	}
	if m.Time != "" {
		parts = append(parts, escape(m.Time, 100))
	}
	if m.Link != "" {
		parts = append(parts, "<"+m.Link+"|alarm>")
	}
	return strings.Join(parts, " | ")
}

// escape keeps text from being taken for a link or a mention (Slack API, "Escaping text"), and cuts it to so many bytes when it is
// escaped.
func escape(s string, most int) string {
	var b strings.Builder
	for _, r := range s {
		piece := string(r)
		switch r {
		case '&':
			piece = "&amp;"
		case '<':
			piece = "&lt;"
		case '>':
			piece = "&gt;"
		}
		if b.Len()+len(piece) > most {
			return b.String() + "..."
		}
		b.WriteString(piece)
	}
	return b.String()
}

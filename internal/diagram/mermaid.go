package diagram

import (
	"fmt"
	"strings"

	"github.com/pathproof/pathproof/internal/topology"
)

// manyNetworks is the number of networks above which a flowchart has one node for the networks of a segment: viewers
// refuse texts of more than 50,000 characters, and place a hundred nodes badly.
const manyNetworks = 30

// Mermaid writes a plan as a Mermaid flowchart. Its viewer lays it out, so it shows less than SVG does: the paths stand
// on the links by their numbers.
func Mermaid(p *topology.Plan, o Options) string {
	f := &flowchart{m: newModel(p, o)}
	f.line("%%%%{init: {\"flowchart\": {\"wrappingWidth\": 640}}}%%%%")
	f.line("flowchart LR")
	for _, r := range p.Regions {
		f.region(r)
	}
	for _, s := range p.Sites {
		f.node(siteNode(s.Name), f.siteLabel(s))
	}
	for _, j := range f.m.joints {
		f.joint(j)
	}
	f.attachments()
	f.sites()
	for _, s := range f.m.sections() {
		f.list(s)
	}
	f.emphasis()
	return f.out.String()
}

// flowchart is the text so far.
type flowchart struct {
	m      *model
	out    strings.Builder
	indent int
	links  int
	strong []string // numbers of the links that drawn paths go along
}

func (f *flowchart) line(format string, args ...any) {
	f.out.WriteString(strings.Repeat("  ", f.indent) + fmt.Sprintf(format, args...) + "\n")
}

// node writes a node with lines of text.
func (f *flowchart) node(node string, lines []string) {
	f.line("%s[%s]", mermaidID(node), label(lines...))
}

// mermaidID makes a node's name a Mermaid identifier; the prefix keeps it from being a word of Mermaid's.
func mermaidID(node string) string {
	var b strings.Builder
	for _, r := range node {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '-':
			b.WriteByte('_')
		case r == '/':
			b.WriteString("__")
		default:
			fmt.Fprintf(&b, "_%x_", r)
		}
	}
	return b.String()
}

var mermaidEscaper = strings.NewReplacer("#", "#35;", "&", "#amp;", "<", "#lt;", ">", "#gt;", `"`, "#quot;", "`", "#96;", "\n", " ")

// label writes lines as one quoted label.
func label(lines ...string) string {
	escaped := make([]string, len(lines))
	for i, l := range lines {
		escaped[i] = mermaidEscaper.Replace(strings.ToValidUTF8(l, "\ufffd"))
	}
	return `"` + strings.Join(escaped, "<br>") + `"`
}

func (f *flowchart) region(r topology.Region) {
	f.open("region/"+r.Alias, sentence(regionSpans(r)))
	for _, t := range f.m.plan.TransitGateways {
		if t.Alias == r.Alias {
			f.gateway(t)
		}
	}
	for _, g := range f.groups(r.Alias) {
		f.networks(g)
	}
	f.close()
}

func (f *flowchart) open(node, title string) {
	f.line("subgraph %s[%s]", mermaidID(node), label(title))
	f.indent++
}

func (f *flowchart) close() {
	f.indent--
	f.line("end")
}

func (f *flowchart) gateway(t *topology.TransitGateway) {
	f.open(gatewayNode(t.Name), strings.Join(cardLines(gatewayCard(t)), " "))
	for _, s := range t.Segments {
		f.node(segmentNode(t.Name, s.Name), cardLines(f.m.segmentCard(t, s)))
	}
	f.close()
}

func (f *flowchart) siteLabel(s *topology.Site) []string { return cardLines(f.m.siteCard(s)) }

// cardLines writes what a card says, without the badges.
func cardLines(rows []row) []string {
	var lines []string
	for _, r := range rows {
		if len(r.spans) > 0 && r.spans[0].style != styleBadge {
			lines = append(lines, sentence(r.spans))
		}
	}
	return lines
}

// sentence writes spans as a text; chips beside each other are a list.
func sentence(spans []span) string {
	var b strings.Builder
	for i, s := range spans {
		switch {
		case i > 0 && s.style == styleChip && spans[i-1].style == styleChip:
			b.WriteString(", ")
		case i > 0:
			b.WriteString(" ")
		}
		b.WriteString(s.text)
	}
	return b.String()
}

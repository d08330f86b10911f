package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/probe"
)

func asHTML(t *testing.T, r *probe.Result) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, HTML, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHTML_Golden(t *testing.T) {
	golden.Compare(t, "testdata/report.html", string(asHTML(t, judgedFixture(t))))
}

// TestHTML_StandsAlone: nothing in the page makes a browser ask anybody for anything.
func TestHTML_StandsAlone(t *testing.T) {
	page := string(asHTML(t, judgedFixture(t)))
	for _, bad := range []string{"<script", "<link", "<img", "<iframe", "@import", "url(", " src=", "http-equiv=\"refresh\"", " style=", " on"} {
		if bad == " on" {
			if found := regexp.MustCompile(`<[^>]* on[a-z]+=`).FindString(page); found != "" {
				t.Errorf("there is %s", found)
			}
		} else if strings.Contains(page, bad) {
			t.Errorf("there is %s", bad)
		}
	}
	for _, href := range regexp.MustCompile(`href="[^"]*"`).FindAllString(page, -1) {
		if !strings.HasPrefix(href, `href="#`) {
			t.Errorf("there is %s", href)
		}
	}
	if !strings.Contains(page, `content="default-src &#39;none&#39;; style-src &#39;sha256-`) {
		t.Error("no policy, or another one")
	}
}

// hostileResult has names and texts that try to be something else, and are long.
func hostileResult(t *testing.T) *probe.Result {
	t.Helper()
	r, _ := fixture(t)
	evil := `</title><script>alert(1)</script>"'><svg onload=alert(2)>` + "\x1b[31m\u202e"
	r.RunID, r.Vantage.Subnet, r.Env.Notes = evil, evil, []string{evil}
	r.Paths = r.Paths[:3]
	r.Paths[0].Name, r.Paths[1].Name = evil, strings.Repeat("a-very-long-name-", 12)
	r.Paths[0].Target.Host, r.Paths[1].Flows.Reading = evil, evil
	r.Paths[2].Target.Host = "https://example.com/" + strings.Repeat("abcdefghij", 30)
	for i := range r.Paths[2].Samples {
		r.Paths[2].Samples[i].ServedBy = evil
	}
	if err := Judge(r, Options{Compare: []Pair{{A: r.Paths[0].Name, B: r.Paths[1].Name}}}); err != nil {
		t.Fatal(err)
	}
	r.Comparisons[0].Reason, r.Reasons = evil, append(r.Reasons, evil)
	return r
}

// manyResult has a dozen paths, one of them with thousands of samples over four decades, and IPv6.
func manyResult(t *testing.T) *probe.Result {
	t.Helper()
	all, _ := fixture(t)
	r := *all
	r.Paths = nil
	for i := range 12 {
		p := all.Paths[0]
		p.Name = fmt.Sprintf("path-%02d", i)
		p.Target = probe.Target{Host: "2001:db8:1234:5678:9abc:def0:1234:5678", Port: 7007, IP: netip.MustParseAddr("2001:db8:1234:5678:9abc:def0:1234:5678")}
		p.Samples = append([]probe.Sample(nil), p.Samples...)
		for j := range p.Samples {
			p.Samples[j].Phases.Connect += probe.Micros(i*i*3000 + j*i)
		}
		r.Paths = append(r.Paths, p)
	}
	big := &r.Paths[11]
	for i := len(big.Samples); i < 20_000; i++ {
		s := big.Samples[i%100+3]
		s.Index, s.Scheduled, s.Warmup = i, probe.Micros(50_000*i), false
		s.Phases.Connect = probe.Micros(150 + (i*7919)%100*(i%400)*(i%300))
		if i%997 == 0 {
			s.Outcome = probe.Outcome{Elapsed: 1, Failure: &probe.Failure{Class: probe.Timeout, Op: "connect", Detail: "i/o timeout"}}
		}
		big.Samples = append(big.Samples, s)
	}
	recount(big)
	var pairs []Pair
	for i := range 6 {
		pairs = append(pairs, Pair{A: "path-00", B: r.Paths[i+1].Name})
	}
	r.Paths = append(r.Paths[:11:11], *big)
	if err := Judge(&r, Options{Compare: pairs}); err != nil {
		t.Fatal(err)
	}
	return &r
}

//go:embed testdata/layout.js
var layoutJS string

// TestHTML_Looks holds the page to what an eye would complain of, at both ends of widths and in both color schemes.
func TestHTML_Looks(t *testing.T) {
	b := newBrowser(t)
	for _, tt := range []struct {
		name   string
		result *probe.Result
	}{
		{"fixture", judgedFixture(t)}, {"merged", mergedResult(t)}, {"long", longResult(t)}, {"hostile", hostileResult(t)}, {"many", manyResult(t)},
		{"nothing", edit(t, nil, "renamed")}, {"passed", edit(t, nil, "peering")}, {"without samples", WithoutSamples(judgedFixture(t))},
	} {
		page := asHTML(t, tt.result)
		if len(page) > 2<<20 {
			t.Errorf("%s: the page has %d bytes", tt.name, len(page))
		}
		for _, view := range []struct {
			width  int
			scheme string
		}{{400, "light"}, {400, "dark"}, {1600, "light"}, {1600, "dark"}, {720, "print"}} {
			b.open(page, view.width, view.scheme)
			b.screenshot(fmt.Sprintf("%s-%d-%s", tt.name, view.width, view.scheme))
			var complaints []string
			b.eval(layoutJS, &complaints)
			for _, c := range complaints {
				t.Errorf("%s, %d pixels, %s: %s", tt.name, view.width, view.scheme, c)
			}
		}
	}
}

// The layout's complaints have to be able to come: each is provoked once.
func TestHTML_LayoutTestSees(t *testing.T) {
	b := newBrowser(t)
	page := string(asHTML(t, judgedFixture(t)))
	for want, change := range map[string][2]string{
		"wider than the window":    {`<main id="main">`, `<main id="main"><pre>` + strings.Repeat("x", 400) + `</pre>`},
		"contrast":                 {`--muted: #505a65`, `--muted: #a0a8b0`},
		"overlaps":                 {`<text class="name" x="0" y="20.0">peering</text>`, `<text class="name" x="0" y="20.0">peering and more of a name than there is room for it</text>`},
		"the style sheet is not":   {`style-src &#39;sha256-`, `style-src &#39;sha256-A`},
		"a picture without a name": {`role="img" aria-label="`, `role="img" title="`},
		"a heading is left out":    {`<h2>Paths</h2>`, `<h4>Paths</h4>`},
	} {
		changed := strings.ReplaceAll(page, change[0], change[1])
		if want == "contrast" { // the policy must go on allowing the style sheet
			inAttribute := strings.NewReplacer("+", "&#43;")
			was, is := hashOf(css), hashOf(strings.ReplaceAll(css, change[0], change[1]))
			changed = strings.ReplaceAll(changed, inAttribute.Replace(was), inAttribute.Replace(is))
		}
		if changed == page {
			t.Errorf("%s: nothing to change", want)
		}
		b.open([]byte(changed), 400, "light")
		var complaints []string
		b.eval(layoutJS, &complaints)
		if !strings.Contains(strings.Join(complaints, "\n"), want) {
			t.Errorf("no complaint of %q, got %q", want, complaints)
		}
	}
}

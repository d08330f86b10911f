package diagram

import (
	"fmt"
	"strings"
)

// rule is the look of a class: what does not depend on the theme, then its colours in the light and in the dark one.
type rule struct{ selector, always, light, dark string }

// rules are plain declarations without variables, which viewers other than browsers do not know.
var rules = []rule{
	{".page", "", "fill:#ffffff", "fill:#0d1117"},
	{".region", "stroke-width:1", "fill:#f6f8fa;stroke:#d1d9e0", "fill:#151b23;stroke:#3d444d"},
	{".frame", "fill:none;stroke-width:1.5", "stroke:#8250df", "stroke:#ab7df8"},
	{"text", "font-family:" + strings.ReplaceAll(fontFamily, `"`, "'"), "fill:#1f2328", "fill:#f0f6fc"},
	{".muted", "", "fill:#59636e", "fill:#9198a1"},
	{".chip", "", "fill:#1f2328", "fill:#f0f6fc"},
	{".box", "stroke-width:1", "fill:#ffffff;stroke:#818b98", "fill:#0d1117;stroke:#656c76"},
	{".gateway .box", "", "fill:#eee5ff;stroke:#8250df", "fill:#2b1d4d;stroke:#ab7df8"},
	{".segment .box", "", "fill:#faf7ff;stroke:#8250df", "fill:#1b1530;stroke:#ab7df8"},
	{".site .box", "", "fill:#e6f6f4;stroke:#1b7c83", "fill:#0c2c2e;stroke:#39c5cf"},
	{".tgwpeering .box", "", "fill:#faf7ff;stroke:#8250df", "fill:#1b1530;stroke:#ab7df8"},
	{".vpcpeering .box", "", "fill:#fff6e5;stroke:#9a6700", "fill:#2e2208;stroke:#d29922"},
	{".again .box", "stroke-dasharray:4 3", "", ""},
	{".tag", "stroke-width:1", "fill:none;stroke:#818b98", "fill:none;stroke:#656c76"},
	{".line", "fill:none;stroke-width:1.5", "stroke:#6e7781", "stroke:#8b949e"},
	{".line.vpn", "stroke-dasharray:7 3", "", ""},
	{".dot", "", "fill:#6e7781", "fill:#8b949e"},
	{".duct", "fill:none;stroke-linejoin:round", "stroke:#d1d9e0", "stroke:#30363d"},
	{".strand", "fill:none;stroke-width:2.5;stroke-linejoin:round", "", ""},
	{".badge", "stroke-width:1.5", "", ""},
	{"text.badge", "", "fill:#ffffff", "fill:#0d1117"},
	{".closed", "", "fill:#ffffff;stroke:#59636e", "fill:#0d1117;stroke:#9198a1"},
	{".closed+text.badge", "", "fill:#59636e", "fill:#9198a1"},
}

// colours are those of paths, light and dark: each is far from its neighbours and from white or black text on it.
var colours = [MaxColours][2]string{
	{"#0969da", "#4493f8"}, {"#bc4c00", "#f0883e"}, {"#1a7f37", "#3fb950"}, {"#bf3989", "#f778ba"},
	{"#0e7490", "#39c5cf"}, {"#6639ba", "#c297ff"}, {"#7d4e00", "#e3b341"}, {"#424a53", "#d1d7e0"},
}

// styleSheet writes the classes. A page that holds the picture keeps its own: every selector starts at the picture.
func styleSheet() string {
	all := []rule{}
	for _, s := range styles {
		weight := ""
		if s.bold {
			weight = ";font-weight:bold"
		}
		all = append(all, rule{"text." + s.class, fmt.Sprintf("font-size:%dpx%s", s.size, weight), "", ""})
	}
	all = append(all, rules...)
	for i, c := range colours {
		all = append(all, colourRule(fmt.Sprintf("path%d", i+1), c)...)
	}
	all = append(all, colourRule("many", colours[0])...)
	all = append(all, colourRule("unproven", [2]string{"#cf222e", "#ff7b72"})...)
	var light, dark strings.Builder
	for _, r := range all {
		if both := strings.Trim(r.always+";"+r.light, ";"); both != "" {
			fmt.Fprintf(&light, "%s{%s}\n", scoped(r.selector), both)
		}
		if r.dark != "" {
			fmt.Fprintf(&dark, "%s{%s}\n", scoped(r.selector), r.dark)
		}
	}
	return "<style>\n" + light.String() + "@media (prefers-color-scheme:dark){\n" + dark.String() + "}\n</style>\n"
}

func colourRule(class string, c [2]string) []rule {
	return []rule{{".strand." + class, "", "stroke:" + c[0], "stroke:" + c[1]}, {".badge." + class, "", "fill:" + c[0] + ";stroke:" + c[0], "fill:" + c[1] + ";stroke:" + c[1]}}
}

func scoped(selector string) string {
	return ".pathproof " + strings.ReplaceAll(selector, ",", ",.pathproof ")
}

package latest

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// WriteJSON writes a report for programs, indented, with a line feed at its end.
func WriteJSON(w io.Writer, r *Report) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// WriteText writes a report for people.
func WriteText(w io.Writer, r *Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "network %s: %s\n", r.Network, r.summary())
	table(&b, r)
	r.notes(&b)
	if len(r.Problems) > 0 {
		b.WriteString("\nproblems:\n")
		for _, p := range r.Problems {
			fmt.Fprintf(&b, "  %s\n", p)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// summary is the answer in one line.
func (r *Report) summary() string {
	switch {
	case len(r.Images) == 0:
		return "the file pins no image"
	case len(r.Places) == 0:
		return "the file pins no release of Amazon Linux 2023"
	case r.Newest == nil && !slices.ContainsFunc(r.Places, func(p Place) bool { return p.Newest == nil }):
		return "no release of Amazon Linux 2023 is offered in all of " + r.where()
	case r.Newest == nil:
		return "which release of Amazon Linux 2023 is the newest could not be found out"
	}
	return fmt.Sprintf("the newest release of Amazon Linux 2023 that is offered in %s is %s", r.where(), r.Newest)
}

func table(b *strings.Builder, r *Report) {
	if len(r.Images) == 0 {
		return
	}
	rows := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "  key\tat\tplace\timage\tverdict")
	for _, i := range r.Images {
		fmt.Fprintf(rows, "  %s\t%s\t%s\t%s\t%s\n", i.Key, i.At, i.Place, i.Image, i.verdict())
	}
	_ = rows.Flush() // a builder does not fail
}

// verdict says what is to be done about an image.
func (i *Image) verdict() string {
	switch i.State {
	case Outdated:
		return "-> al2023@" + i.Release.String()
	case Ahead:
		return "newer than what all places have; kept"
	case Missing:
		return "not offered there"
	case ByID:
		return "pinned by an id; not looked up, not changed"
	}
	return string(i.State)
}

// notes say what a change means.
func (r *Report) notes(b *strings.Builder) {
	for _, p := range r.Places {
		if r.Newest != nil && *p.Newest != *r.Newest {
			fmt.Fprintf(b, "\n%s has %s already, which is not offered in all places yet.\n", p.Place, p.Newest)
		}
	}
	outdated := r.Outdated()
	if len(outdated) == 0 {
		return
	}
	b.WriteString("\nThe next deployment replaces the instances of these keys; addresses, names and profiles stay.\n")
	if slices.ContainsFunc(outdated, func(i Image) bool { return !i.proxy }) {
		b.WriteString("An OpenVPN server is replaced by one that serves already, a routed one by one that boots for a minute or two; clients come back by themselves.\n")
	}
	if slices.ContainsFunc(outdated, func(i Image) bool { return i.proxy }) {
		b.WriteString("Edge proxies are replaced one after the other, each when the one before serves.\n")
	}
}

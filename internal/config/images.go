package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pathproof/pathproof/internal/amazonlinux"
	"github.com/pathproof/pathproof/internal/problem"
)

const amazonLinux = "al2023@"

// ImageOf pins a release of Amazon Linux 2023.
func ImageOf(r amazonlinux.Release) Image { return Image(amazonLinux + r.String()) }

// Release returns the release that is pinned; ok is false for an image pinned by its id.
func (i Image) Release() (r amazonlinux.Release, ok bool) {
	text, ok := strings.CutPrefix(string(i), amazonLinux)
	if !ok {
		return r, false
	}
	r, err := amazonlinux.Parse(text)
	return r, err == nil
}

// PinnedImage is a key of the file that pins an image.
type PinnedImage struct {
	Of    Ref    // an OpenVPN server or edge proxies
	Path  string // of the key
	Image Image
}

// Images lists the keys that pin an image: OpenVPN servers by name, then edge proxies by name.
func Images(f *File) []PinnedImage {
	var out []PinnedImage
	for _, name := range slices.Sorted(maps.Keys(f.OpenVPN)) {
		out = append(out, PinnedImage{Ref{KindOpenVPN, string(name)}, "openvpn[" + segment(string(name)) + "].image", f.OpenVPN[name].Image})
	}
	for _, name := range slices.Sorted(maps.Keys(f.EdgeProxies)) {
		out = append(out, PinnedImage{Ref{KindEdgeProxy, string(name)}, "edgeProxies[" + segment(string(name)) + "].image", f.EdgeProxies[name].Image})
	}
	return out
}

// ReplaceImages returns the text of a pathproof.yaml with other images, by what they are images of. Everything else stays byte
// for byte: comments, order, quotes, line ends. A value that is an alias follows its anchor. The error names every image that
// cannot be changed alone, in which case nothing is returned: one whose anchor stands for something else too.
func ReplaceImages(data []byte, images map[Ref]Image) ([]byte, error) {
	doc, list := Parse("", data)
	if doc.File == nil {
		return nil, fmt.Errorf("not a pathproof.yaml, got %d problems; run pathproof check", len(list))
	}
	var edits []edit
	var errs []error
	for _, p := range Images(doc.File) {
		wanted, ok := images[p.Of]
		if !ok {
			continue
		}
		e, alias, err := editAt(data, doc.Position(p.Path), string(p.Image), string(wanted))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", p.Path, err))
		} else if !alias {
			edits = append(edits, e)
		}
		setImage(doc.File, p.Of, wanted)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	out := apply(data, edits)
	changed, _ := Parse("", out)
	if changed.File == nil || !reflect.DeepEqual(changed.File, doc.File) {
		return nil, errors.New("an image cannot be changed alone, because an anchor stands for it and for something else; edit the file by hand")
	}
	return out, nil
}

func setImage(f *File, of Ref, image Image) {
	switch of.Kind {
	case KindOpenVPN:
		s := f.OpenVPN[Name(of.Name)]
		s.Image = image
		f.OpenVPN[Name(of.Name)] = s
	case KindEdgeProxy:
		e := f.EdgeProxies[Name(of.Name)]
		e.Image = image
		f.EdgeProxies[Name(of.Name)] = e
	}
}

// edit puts a text in place of another one.
type edit struct {
	offset, length int // in bytes
	text           string
}

// editAt finds the value old at a position. alias says that another value stands for it.
func editAt(data []byte, at problem.Position, old, text string) (e edit, alias bool, err error) {
	from := offset(data, at)
	if bytes.HasPrefix(data[from:], []byte("*")) {
		return edit{}, true, nil
	}
	if bytes.HasPrefix(data[from:], []byte(`"`)) || bytes.HasPrefix(data[from:], []byte(`'`)) {
		from++
	}
	if !bytes.HasPrefix(data[from:], []byte(old)) {
		return edit{}, false, fmt.Errorf("not written plainly at line %d, column %d; write it like image: %s", at.Line, at.Column, text)
	}
	return edit{from, len(old), text}, false, nil
}

// apply makes edits; one place may be meant by several keys.
func apply(data []byte, edits []edit) []byte {
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.offset, b.offset) })
	var out []byte
	done := 0
	for _, e := range slices.Compact(edits) {
		out = append(append(out, data[done:max(done, e.offset)]...), e.text...)
		done = e.offset + e.length
	}
	return append(out, data[done:]...)
}

// offset is where a position is in the text as it was read: with its byte order mark, if any, and its own line ends, which
// positions do not count (clean).
func offset(data []byte, at problem.Position) int {
	i := 0
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		i = 3
	}
	for line := 1; line < at.Line; line++ {
		end := bytes.IndexAny(data[i:], "\r\n")
		if end < 0 {
			return len(data)
		}
		i += end + 1
		if data[i-1] == '\r' && i < len(data) && data[i] == '\n' {
			i++
		}
	}
	for column := 1; column < at.Column && i < len(data); column++ {
		_, n := utf8.DecodeRune(data[i:])
		i += n
	}
	return i
}

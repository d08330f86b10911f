package diagram

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The widths were compared with what a browser measures for Liberation Sans; these are Arial's published ones.
func TestStyle_Width(t *testing.T) {
	for _, tt := range []struct {
		style style
		text  string
		want  int // tenths of a pixel
	}{
		{styleText, "", 0},
		{styleText, "0", 62},            // 556 x 11 / 1000 = 6.12, rounded up
		{styleText, "10.0.0.0/16", 551}, // 7 digits, 3 dots, a slash
		{styleName, "WAV", 280},         // bold 944 + 722 + 667
		{styleText, "i", 25},
		{styleText, "네트워크", 440}, // four full squares
		{styleText, "ｆｕ", 220},
		{styleText, "→", 110},
		{styleText, "é", 88},
		{styleText, "e\u0301", 62}, // a combining accent takes no room
	} {
		if got := tt.style.tenths(tt.text); got != tt.want {
			t.Errorf("%s %q: got %d, want %d", tt.style.class, tt.text, got, tt.want)
		}
	}
}

func TestStyle_Wrap(t *testing.T) {
	for _, tt := range []struct {
		text string
		most int
		want []string
	}{
		{"short", 100, []string{"short"}},
		{"", 10, []string{""}},
		{"one two three", 45, []string{"one two", "three"}},
		{"seoul/a-rather-long-name", 70, []string{"seoul/a-", "rather-long-", "name"}},
		{"172.16.100.100/32", 60, []string{"172.16.100.", "100/32"}},
		{"WWWWWW", 25, []string{"WW", "WW", "WW"}},
		{"서울네트워크", 25, []string{"서울", "네트", "워크"}},
		{"ab", 1, []string{"a", "b"}},
	} {
		got := styleText.wrap(tt.text, tt.most)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q in %d: -want +got:\n%s", tt.text, tt.most, diff)
		}
	}
}

// Whatever a name is, its lines fit and nothing of it is lost.
func FuzzStyle_Wrap(f *testing.F) {
	f.Add("seoul/app", 30)
	f.Add("  two  spaces ", 12)
	f.Add("서울-네트워크", 15)
	f.Add("A\xec", 15) // not UTF-8
	f.Fuzz(func(t *testing.T, text string, most int) {
		if most < 12 || most > 2000 {
			t.Skip()
		}
		lines := styleText.wrap(text, most)
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if squeeze(strings.Join(lines, "")) != squeeze(text) {
			t.Errorf("%q became %q", text, lines)
		}
		for _, l := range lines {
			if styleText.width(l) > most {
				t.Errorf("%q is wider than %d", l, most)
			}
		}
	})
}

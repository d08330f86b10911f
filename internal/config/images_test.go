package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	oldImage = "al2023@2023.12.20260803"
	newImage = "al2023@2023.13.20261109"
)

// inFile fills in what servers have beside an image.
func inFile(images string) string {
	text := `apiVersion: pathproof/v1 # al2023@2023.12.20260803 in a comment stays
name: demo
regions: {seoul: {region: ap-northeast-2}}
networks: {seoul/vpn: {cidr: 10.0.0.0/16, zones: [apne2-az1], tiers: [public/24], egress: igw}}
pki: {main: {home: seoul}}
tags: {note: "서울 al2023@2023.12.20260803"}
openvpn:
` + images
	return strings.ReplaceAll(text, "REST", "network: seoul/vpn, zone: apne2-az1, pki: main, listen: {tcp: 1194}, pool: 10.250.0.0/24")
}

func server(name string) Ref { return Ref{KindOpenVPN, name} }

func TestReplaceImages_ChangesOnlyThem(t *testing.T) {
	const block = "    network:   seoul/vpn\n    zone: apne2-az1\n    pki: main\n    listen: {tcp: 1194}\n    pool: 10.250.0.0/24\n"
	for _, tt := range []struct{ name, images string }{
		{"flow, with wide characters before it", "  a: {pki: &서울 main, image: " + oldImage + ", network: seoul/vpn, zone: apne2-az1, listen: {tcp: 1194}, pool: 10.250.0.0/24} # 서울 " + oldImage + "\n"},
		{"block, with comments and blanks", "  # before\n  a:   # keep   me\n" + block + "\n    image:    " + oldImage + "    # " + oldImage + "\n\n  # after\n"},
		{"double quotes", "  a: {REST, image: \"" + oldImage + "\"}\n"},
		{"single quotes", "  a: {REST, image: '" + oldImage + "'}\n"},
		{"on the next line", "  a:\n" + block + "    image:\n       # here\n       " + oldImage + "\n"},
		{"anchor", "  a: {REST, image: &image " + oldImage + "}\n  b: {REST, image: *image}\n"},
		{"whole server anchored", "  a: &server {REST, image: " + oldImage + "}\n  b: *server\n"},
	} {
		text := inFile(tt.images)
		for what, text := range map[string]string{"LF": text, "CRLF": strings.ReplaceAll(text, "\n", "\r\n"), "BOM, CR": "\xef\xbb\xbf" + strings.ReplaceAll(text, "\n", "\r")} {
			got, err := ReplaceImages([]byte(text), map[Ref]Image{server("a"): newImage, server("b"): newImage})
			if err != nil {
				t.Errorf("%s, %s: %v", tt.name, what, err)
				continue
			}
			head, servers, _ := strings.Cut(text, "openvpn:")
			want := head + "openvpn:" + strings.Replace(servers, oldImage, newImage, 1)
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("%s, %s: (-want +got)\n%s", tt.name, what, diff)
			}
		}
	}
}

// A byte order mark is no column of the first line.
func TestReplaceImages_OneLine(t *testing.T) {
	text := "\xef\xbb\xbf{" + strings.NewReplacer("# al2023@2023.12.20260803 in a comment stays", "", "\n", ", ", "openvpn:\n", "openvpn: ").Replace(inFile("{a: {REST, image: "+oldImage+"}}")) + "}"
	got, err := ReplaceImages([]byte(text), map[Ref]Image{server("a"): newImage})
	if want := strings.Replace(text, "image: "+oldImage, "image: "+newImage, 1); err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestReplaceImages_OnlyThoseNamed(t *testing.T) {
	text := inFile("  a: {REST, image: " + oldImage + "}\n  b: {REST, image: " + oldImage + "}\n  c: {REST, image: ami-0123456789abcdef0}\n")
	got, err := ReplaceImages([]byte(text), map[Ref]Image{server("b"): newImage, server("elsewhere"): newImage})
	if err != nil {
		t.Fatal(err)
	}
	doc, _ := Parse("", got)
	var images []string
	for _, p := range Images(doc.File) {
		images = append(images, p.Path+" "+string(p.Image))
	}
	want := []string{"openvpn[a].image " + oldImage, "openvpn[b].image " + newImage, "openvpn[c].image ami-0123456789abcdef0"}
	if diff := cmp.Diff(want, images); diff != "" {
		t.Error(diff)
	}
}

// What an anchor stands for besides must not change unseen.
func TestReplaceImages_FailsWhenSomethingElseWouldChange(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"alias of a tag":       {strings.Replace(inFile("  a: {REST, image: *tag}\n"), `note: "서울 `+oldImage+`"`, "note: &tag "+oldImage, 1), "cannot be changed alone"},
		"anchor of another":    {inFile("  a: {REST, image: &image " + oldImage + "}\n  c: {REST, image: *image}\n"), "cannot be changed alone"},
		"escapes":              {inFile("  a: {REST, image: \"al2023\\x402023.12.20260803\"}\n"), "openvpn[a].image: not written plainly at line 8, column"},
		"not a pathproof.yaml": {"a: b", "run pathproof check"},
	} {
		got, err := ReplaceImages([]byte(tt.text), map[Ref]Image{server("a"): newImage})
		if err == nil || !strings.Contains(err.Error(), tt.want) || got != nil {
			t.Errorf("%s: got %v, want %q\n%s", name, err, tt.want, got)
		}
	}
}

func TestImage_Release(t *testing.T) {
	for _, i := range []Image{oldImage, "al2023@2023.12.20260803.2"} {
		if r, ok := i.Release(); !ok || ImageOf(r) != i {
			t.Errorf("%s: got %v, %t", i, r, ok)
		}
	}
	if r, ok := Image("ami-0123456789abcdef0").Release(); ok {
		t.Errorf("got %v", r)
	}
}

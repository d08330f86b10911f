package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/amazonlinux/latest"
	"github.com/pathproof/pathproof/internal/cfntest"
	"github.com/pathproof/pathproof/internal/golden"
)

const (
	seoul = "ap-northeast-2"
	tokyo = "ap-northeast-1"
)

// imageAWS plays EC2's DescribeImages, a page for each image; offers are the builds of releases that a Region has.
type imageAWS struct {
	*cfntest.Server
	offers map[string][]string
}

func playImages(t *testing.T) *imageAWS {
	t.Helper()
	server, err := cfntest.Serve(cfntest.New())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if unknown := server.Unknown(); unknown != nil {
			t.Errorf("AWS was asked for what is not played: %v", unknown)
		}
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "none", "AWS_REGION": "us-east-1",
		"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1"} {
		t.Setenv(name, value)
	}
	a := &imageAWS{server, map[string][]string{
		seoul: {"2023.11.20260514.0", "2023.12.20260803.0", "2023.13.20261109.0", "2023.13.20261123.0"},
		tokyo: {"2023.13.20261109.0", "2023.12.20260803.0", "2023.12.20260803.1"},
	}}
	server.Play("ec2", "DescribeImages", a.describe)
	return a
}

var signedFor = regexp.MustCompile(`Credential=[^/]+/[0-9]+/([^/]+)/ec2/`)

func (a *imageAWS) describe(w http.ResponseWriter, r *http.Request) {
	type image struct {
		ID   string `xml:"imageId"`
		Name string `xml:"name"`
	}
	var out struct {
		XMLName xml.Name `xml:"DescribeImagesResponse"`
		Images  []image  `xml:"imagesSet>item"`
		Next    string   `xml:"nextToken,omitempty"`
	}
	offers := a.offers[signedFor.FindStringSubmatch(r.Header.Get("Authorization"))[1]]
	n := 0
	_, _ = fmt.Sscan(r.Form.Get("NextToken"), &n) // the first page has none
	if n < len(offers) {
		out.Images = []image{{fmt.Sprintf("ami-%017d", n), "al2023-ami-" + offers[n] + "-kernel-6.1-arm64"}}
	}
	if n+1 < len(offers) {
		out.Next = fmt.Sprint(n + 1)
	}
	w.Header().Set("Content-Type", "text/xml")
	_ = xml.NewEncoder(w).Encode(out)
}

// imageFolder goes to a folder with the test's pathproof.yaml, with replacements.
func imageFolder(t *testing.T, oldnew ...string) {
	t.Helper()
	text := strings.NewReplacer(oldnew...).Replace(read(t, "testdata/image.yaml"))
	t.Chdir(t.TempDir())
	if err := os.WriteFile("pathproof.yaml", []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
}

func TestImageLatest(t *testing.T) {
	for _, tt := range []struct {
		name   string
		file   []string
		change func(*imageAWS)
		code   int
	}{
		{"newer", nil, func(*imageAWS) {}, exitOther},
		{"current", []string{"image:   al2023@2023.12.20260803 ", "image: al2023@2023.13.20261109 ", `"al2023@2023.12.20260803.1"`, "al2023@2023.13.20261109", "image: al2023@2023.12.20260803}", "image: al2023@2023.13.20261109.0}"},
			func(*imageAWS) {}, exitOK},
		// Seoul has it, Tokyo does not: right in the one place, and a deployment that fails in the other.
		{"ahead", []string{"al2023@2023.12.20260803 ", "al2023@2023.13.20261123 ", "image: al2023@2023.12.20260803}", "image: al2023@2023.13.20261123}"}, func(*imageAWS) {}, exitOther},
		{"ids", []string{"al2023@2023.12.20260803.1", "ami-00000001", "al2023@2023.12.20260803", "ami-00000002"}, func(*imageAWS) {}, exitOK},
		{"apart", nil, func(a *imageAWS) { a.offers[tokyo] = []string{"2023.10.20260302.0"} }, exitOther},
		{"denied", nil, func(a *imageAWS) {
			a.offers[seoul] = nil
			a.Break(cfntest.Fault{Operation: "DescribeImages", Region: tokyo, Code: "UnauthorizedOperation", Status: 403, Message: "not you. Encoded authorization failure message: abcDEF123"})
		}, exitOther},
	} {
		t.Run(tt.name, func(t *testing.T) {
			goldens, err := filepath.Abs("testdata")
			if err != nil {
				t.Fatal(err)
			}
			tt.change(playImages(t))
			imageFolder(t, tt.file...)
			got := pathproof("image", "latest")
			if got.Code != tt.code || got.Stderr != "" {
				t.Errorf("exit status %d, want %d\n%s%s", got.Code, tt.code, got.Stdout, got.Stderr)
			}
			golden.Compare(t, filepath.Join(goldens, "image-latest-"+tt.name+".txt"), got.Stdout)
		})
	}
}

func TestImageLatest_NoImage(t *testing.T) {
	a := playImages(t)
	got := pathproof("image", "latest", good+"/base.yaml", "--write")
	if got.Code != exitOK || !strings.HasSuffix(got.Stdout, ": the file pins no image\n") {
		t.Errorf("got %+v", got)
	}
	if calls := a.Calls(); len(calls) > 0 {
		t.Errorf("AWS was called: %v", calls)
	}
}

func TestImageLatest_WritesOnlyTheValues(t *testing.T) {
	playImages(t)
	want := strings.NewReplacer("image:   al2023@2023.12.20260803 ", "image:   al2023@2023.13.20261109 ", `"al2023@2023.12.20260803.1"`, `"al2023@2023.13.20261109"`,
		"image: al2023@2023.12.20260803}", "image: al2023@2023.13.20261109}").Replace(read(t, "testdata/image.yaml"))
	imageFolder(t)
	if err := os.Rename("pathproof.yaml", "real.yaml"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real.yaml", "pathproof.yaml"); err != nil {
		t.Fatal(err)
	}
	got := pathproof("image", "latest", "--write")
	if got.Code != exitOK || got.Stderr != "pathproof: pathproof.yaml: changed 3 of 4 images\n" {
		t.Errorf("exit status %d, %s", got.Code, got.Stderr)
	}
	if diff := cmp.Diff(want, read(t, "real.yaml")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if info, err := os.Lstat("real.yaml"); err != nil || info.Mode() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if info, err := os.Lstat("pathproof.yaml"); err != nil || info.Mode().IsRegular() {
		t.Errorf("the link is gone: %v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 2 {
		t.Errorf("left in the folder: %v, %v", entries, err)
	}
	if again := pathproof("image", "latest", "--write"); again.Code != exitOK || again.Stderr != "" || strings.Contains(again.Stdout, "->") {
		t.Errorf("the second time: %+v", again)
	}
}

// docs/WAYS-IN.md shows real output.
func TestImageLatest_DocsShowRealOutput(t *testing.T) {
	if !strings.Contains(read(t, "../../docs/WAYS-IN.md"), "$ pathproof image latest\n"+read(t, "testdata/image-latest-newer.txt")+"```") {
		t.Error("docs/WAYS-IN.md shows something else than testdata/image-latest-newer.txt")
	}
}

// What cannot be written into again is refused before AWS is asked.
func TestImageLatest_DoesNotWriteToAPipe(t *testing.T) {
	a := playImages(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text := read(t, "testdata/image.yaml") // fits into the pipe
	if _, err := w.WriteString(text); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("/dev/fd/%d", r.Fd())
	got := pathproof("image", "latest", name, "--write")
	if got.Code != exitInput || got.Stderr != "pathproof: --write: not a regular file, got "+name+"; name one, or leave --write out\n" || len(a.Calls()) > 0 {
		t.Errorf("got %+v", got)
	}
}

// What cannot be found out in one Region is written in none.
func TestImageLatest_WritesNothingWhen(t *testing.T) {
	for name, tt := range map[string]struct {
		oldnew []string
		change func(*testing.T, *imageAWS)
		want   string
	}{
		"a Region does not answer": {nil, func(_ *testing.T, a *imageAWS) {
			a.Break(cfntest.Fault{Operation: "DescribeImages", Region: tokyo, Code: "InternalError", Status: 500})
		}, "could not be found out"},
		"a tag is its anchor": {[]string{"pki: {main", "tags: {image: &pinned al2023@2023.12.20260803}\npki: {main", "image:   al2023@2023.12.20260803 ", "image: *pinned "}, func(*testing.T, *imageAWS) {},
			"pathproof.yaml: not changed: an image cannot be changed alone"},
		"somebody else writes": {nil, func(t *testing.T, a *imageAWS) {
			a.Play("ec2", "DescribeImages", func(w http.ResponseWriter, r *http.Request) {
				if err := os.WriteFile("pathproof.yaml", []byte("mine"), 0o600); err != nil {
					t.Error(err)
				}
				a.describe(w, r)
			})
		}, "pathproof.yaml: not changed: somebody else changed it meanwhile; run again"},
	} {
		t.Run(name, func(t *testing.T) {
			a := playImages(t)
			imageFolder(t, tt.oldnew...)
			before := read(t, "pathproof.yaml")
			tt.change(t, a)
			got := pathproof("image", "latest", "--write")
			if got.Code == exitOK || !strings.Contains(got.Stdout+got.Stderr, tt.want) {
				t.Errorf("got %+v, want %q", got, tt.want)
			}
			if after := read(t, "pathproof.yaml"); after != before && after != "mine" {
				t.Errorf("the file is\n%s", after)
			}
		})
	}
}

func TestImageLatest_JSON(t *testing.T) {
	playImages(t)
	imageFolder(t)
	got := pathproof("image", "latest", "-o", "json")
	var r latest.Report
	if err := json.Unmarshal([]byte(got.Stdout), &r); err != nil || got.Code != exitOther {
		t.Fatalf("%v: %+v", err, got)
	}
	var states []string
	for _, i := range r.Images {
		states = append(states, i.Key+" "+string(i.State))
	}
	want := []string{"openvpn[own].image id", "openvpn[seoul].image outdated", "openvpn[tokyo].image outdated", "edgeProxies[edge].image outdated"}
	if !slices.Equal(states, want) || r.Newest.String() != "2023.13.20261109" || r.Images[1].At != "pathproof.yaml:16:14" || *r.Images[1].Release != *r.Newest {
		t.Errorf("got %+v", r)
	}
}

func TestImageLatest_WrongInput(t *testing.T) {
	playImages(t)
	imageFolder(t)
	bad := writeFile(t, "bad.yaml", "apiVersion: pathproof/v1\n")
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"latest", "-o", "yaml"}, `--output: unknown format, got "yaml"; use text or json`},
		{[]string{"latest", "nowhere.yaml"}, "open nowhere.yaml: no such file or directory; name the file that describes the network"},
		{[]string{"latest", bad}, "bad.yaml:1:1: error NET004"},
		{[]string{"latest", "/dev/null", "--write"}, "error NET001"},
		{[]string{"latest", "a", "b"}, "one file at most, got 2"},
		{[]string{"newest"}, `got "newest"`},
	} {
		got := pathproof(append([]string{"image"}, tt.args...)...)
		if got.Code != exitInput || !strings.Contains(got.Stderr, tt.want) || got.Stdout != "" {
			t.Errorf("%q: got %+v, want %q", tt.args, got, tt.want)
		}
	}
}

func TestImageLatest_NoCredentials(t *testing.T) {
	a := playImages(t)
	imageFolder(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	got := pathproof("image", "latest")
	if got.Code != exitOther || !strings.Contains(got.Stdout, "no AWS credentials") || len(a.Calls()) > 0 {
		t.Errorf("got %+v", got)
	}
}

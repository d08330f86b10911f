package report

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// browser is a headless Chromium, spoken to over a pipe (--remote-debugging-pipe): it listens on no port.
type browser struct {
	t       *testing.T
	write   *os.File
	read    *bufio.Reader
	id      int
	session string
}

// newBrowser starts Chromium. Without one the test is skipped, in CI it fails.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("no Chromium found, and in CI the page has to be looked at; install Debian's package chromium")
		}
		t.Skip("NOT TESTED: the HTML page, for there is no Chromium; install Debian's package chromium")
	}
	if testing.Short() {
		t.Skip("starts a browser")
	}
	fromUs, toBrowser := pipe(t)
	fromBrowser, toUs := pipe(t)
	cmd := exec.Command(program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--user-data-dir="+t.TempDir(), "--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{fromUs, toUs} // descriptors 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	fromUs.Close()
	toUs.Close()
	b := &browser{t: t, write: toBrowser, read: bufio.NewReader(fromBrowser)}
	t.Cleanup(func() {
		b.session = ""
		b.send("Browser.close", nil)
		ended := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		ended.Stop()
		toBrowser.Close()
		fromBrowser.Close()
	})
	stuck := time.AfterFunc(5*time.Minute, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() { stuck.Stop() })
	target := b.call("Target.createTarget", map[string]any{"url": "about:blank"})["targetId"]
	b.session = b.call("Target.attachToTarget", map[string]any{"targetId": target, "flatten": true})["sessionId"].(string)
	return b
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

func (b *browser) send(method string, params map[string]any) {
	b.id++
	message := map[string]any{"id": b.id, "method": method}
	if params != nil {
		message["params"] = params
	}
	if b.session != "" {
		message["sessionId"] = b.session
	}
	text, err := json.Marshal(message)
	if err == nil {
		_, err = b.write.Write(append(text, 0))
	}
	if err != nil {
		b.t.Errorf("%s: %v", method, err)
	}
}

// call sends a command and returns its result.
func (b *browser) call(method string, params map[string]any) map[string]any {
	b.t.Helper()
	b.send(method, params)
	for {
		text, err := b.read.ReadBytes(0)
		if err != nil {
			b.t.Fatalf("%s: %v", method, err)
		}
		var answer struct {
			ID     int
			Result map[string]any
			Error  *struct{ Message string }
		}
		if err := json.Unmarshal(text[:len(text)-1], &answer); err != nil {
			b.t.Fatal(err)
		}
		if answer.ID != b.id {
			continue // an event, of which we asked for none that matters
		}
		if answer.Error != nil {
			b.t.Fatalf("%s: %s", method, answer.Error.Message)
		}
		return answer.Result
	}
}

// open shows a page of our own making at a width, in a color scheme or as printed ("print"), and waits until it is there.
func (b *browser) open(page []byte, width int, scheme string) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "report.html")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false})
	media := map[string]any{"media": "", "features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}}
	if scheme == "print" { // by somebody whose screen is dark
		media = map[string]any{"media": "print", "features": []any{map[string]any{"name": "prefers-color-scheme", "value": "dark"}}}
	}
	b.call("Emulation.setEmulatedMedia", media)
	b.call("Page.navigate", map[string]any{"url": "file://" + file})
	b.eval(`new Promise(r => document.readyState == "complete" ? r() : addEventListener("load", r))`, nil)
}

// eval runs JavaScript in the page, for which its policy has no say, and decodes what comes out.
func (b *browser) eval(code string, out any) {
	b.t.Helper()
	result := b.call("Runtime.evaluate", map[string]any{"expression": code, "returnByValue": true, "awaitPromise": true})
	if exception, ok := result["exceptionDetails"]; ok {
		b.t.Fatalf("the page threw %v", exception)
	}
	if out == nil {
		return
	}
	text, err := json.Marshal(result["result"].(map[string]any)["value"])
	if err == nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// screenshot writes a picture of the whole page if PATHPROOF_SCREENSHOTS names a folder.
func (b *browser) screenshot(name string) {
	dir := os.Getenv("PATHPROOF_SCREENSHOTS")
	if dir == "" {
		return
	}
	result := b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true, "format": "png"})
	png, err := base64.StdEncoding.DecodeString(fmt.Sprint(result["data"]))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600)
	}
	if err != nil {
		b.t.Error(err)
	}
}

// Package mototest starts moto, an independent emulator of AWS (pip install 'moto[server]'), for tests that can use it. No test needs it.
package mototest

import (
	"context"
	"net"
	"net/http"
	"os/exec"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Start starts moto on the loopback interface until the test ends, and returns what makes the AWS SDK's clients of a Region call it,
// once each time. Where moto is missing, and with -short, the test is skipped and says so.
func Start(t *testing.T, region string) aws.Config {
	t.Helper()
	if testing.Short() {
		t.Skip("NOT TESTED with -short: it starts a program")
	}
	if _, err := exec.LookPath("moto_server"); err != nil {
		t.Skip("NOT TESTED, there is no moto_server here; install it with: pip install 'moto[server]==5.2.1'")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	host, port, _ := net.SplitHostPort(address)
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "moto_server", "-H", host, "-p", port)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // killed
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if res, err := http.Get("http://" + address + "/moto-api/data.json"); err == nil {
			_ = res.Body.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("moto_server does not answer")
		}
	}
	return aws.Config{Region: region, BaseEndpoint: aws.String("http://" + address), RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "none", "")}
}

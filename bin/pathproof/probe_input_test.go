package main

import (
	"os"
	"testing"
)

func TestProbeRun_RefusesWrongInput(t *testing.T) {
	long := "/tmp/" // never written
	for _, tt := range []struct {
		name string
		args []string
		want string // standard error
	}{
		{"nothing", []string{"run"}, "pathproof: nothing to measure; give a document or a target like tcp://10.0.0.1:22, see pathproof probe run --help\n"},
		{"a command", []string{"ruin"}, `pathproof: unknown command, got "ruin"; run pathproof probe --help` + "\n"},
		{"every bad target at once", []string{"run", "ftp://x", "tcp://10.0.0.1", "dns://10.0.0.2", "there"},
			`pathproof: ftp://x: unknown scheme, got "ftp"; use tcp, echo, udp, http, https, dns or icmp
tcp://10.0.0.1: not host:port, got "10.0.0.1"; write it like 10.20.1.10:7007 or [2001:db8::1]:443
dns://10.0.0.2: not a DNS target, got "dns://10.0.0.2"; write it like dns://10.0.0.2/app.corp.internal?type=A
not a target, got "there"; write it like tcp://10.0.0.1:22, or give one document alone
`},
		{"one name twice", []string{"run", "a=tcp://10.0.0.1:22", "a=tcp://10.0.0.2:22"}, `pathproof: a=tcp://10.0.0.2:22: a second path of this name, got "a"; name it, like other=a=tcp://10.0.0.2:22` + "\n"},
		{"a flag", []string{"run", "tcp://10.0.0.1:22", "--interval", "fast"}, `pathproof: invalid argument "fast" for "--interval" flag: time: invalid duration "fast"; run pathproof probe run --help` + "\n"},
		{"too often", []string{"run", "tcp://10.0.0.1:22", "--interval", "1us", "-n", "0"}, "pathproof: --count: out of range, got 0; use 1 to 10000000\npathproof: --interval: too short, got 0.001ms; use at least 100µs\n"},
		{"both families", []string{"run", "tcp://10.0.0.1:22", "-4", "-6"}, "pathproof: if any flags in the group [ipv4 ipv6] are set none of the others can be; [ipv4 ipv6] were all set\n"},
		{"another family", []string{"run", "tcp://10.0.0.1:22", "-6"}, "pathproof: 10.0.0.1:22: not an IPv6 address, got 10.0.0.1; change one of both\n"},
		{"a format", []string{"run", "tcp://10.0.0.1:22", "-o", "yaml"}, `pathproof: --output: unknown format, got "yaml"; use table, json, ndjson, csv, junit, markdown or html` + "\n"},
		{"an extension", []string{"run", "tcp://10.0.0.1:22", "--out", "report.pdf"}, `pathproof: --out: the extension says no format, got "report.pdf"; use .txt, .json, .ndjson, .csv, .xml, .md or .html` + "\n"},
		{"syntax of an objective", []string{"run", "tcp://10.0.0.1:22", "--slo", "p50(connect < 5ms"},
			`pathproof: --slo: no ")" after connect, got "<"; write it like p90(connect) < 75ms` + "\n    p50(connect < 5ms\n                ^\n"},
		{"a unit", []string{"run", "tcp://10.0.0.1:22", "--slo", "p50(connect) < 5sec"},
			`pathproof: --slo: unknown unit, got "sec"; use us, ms, s or %` + "\n    p50(connect) < 5sec\n                    ^^^\n"},
		{"undersampled", []string{"run", "tcp://10.0.0.1:22", "tcp://10.0.0.2:22", "--slo", "p99(connect) < 80ms"},
			"pathproof: --slo: 100 probes of 10.0.0.1:22 cannot prove it at 95%, got p99(connect) < 80ms; plan n=299 or more\n" +
				"pathproof: --slo: 100 probes of 10.0.0.2:22 cannot prove it at 95%, got p99(connect) < 80ms; plan n=299 or more\n"},
		{"contradictory", []string{"run", "tcp://10.0.0.1:22", "--slo", "p50(connect) < 5ms", "--slo", "p50(connect) > 10ms"},
			"pathproof: --slo: contradict each other, got p50(connect) < 5ms and p50(connect) > 10ms; change one of them\n"},
		{"a phase", []string{"run", "tcp://10.0.0.1:22", "--slo", "p50(tls) < 5ms"}, `pathproof: --slo: no such phase of 10.0.0.1:22, got "tls"; use connect` + "\n"},
		{"an unknown path", []string{"run", "a=tcp://10.0.0.1:22", "--compare", "a,b"}, `pathproof: --compare: unknown path, got "b"; use one of: a` + "\n"},
		{"no pair", []string{"run", "a=tcp://10.0.0.1:22", "--compare", "a"}, `pathproof: --compare: not a pair, got "a"; write A,B or A,B,PHASE, or all` + "\n"},
		{"nothing in common", []string{"run", "a=tcp://10.0.0.1:22", "b=icmp://10.0.0.1", "--compare", "a,b"},
			"pathproof: --compare: no phase in common, got a tcp and a icmp probe; measure both the same way\n"},
		{"ports of icmp", []string{"run", "icmp://10.0.0.1", "--flows", "8"}, "pathproof: 10.0.0.1: --flows: only for probes with ports, which icmp has not; remove it\n"},
		{"a margin", []string{"run", "tcp://10.0.0.1:22", "--margin", "5"}, `pathproof: --margin: not a margin, got "5"; write a time, a percentage or both, like 0.25ms,2%` + "\n"},
		{"a mode", []string{"run", "tcp://10.0.0.1:22", "--latency", "hard"}, `pathproof: --latency: unknown value, got "hard"; use strict, lenient, point` + "\n"},
		{"objectives of a long run", []string{"run", "tcp://10.0.0.1:22", "-n", "100001", "--slo", "fail < 5%", "--out", long + "x.csv"},
			"pathproof: --count: objectives, comparisons and looks need samples, which are kept up to 100000 of a path, got 100001 probes; measure less, or leave them out\n"},
		{"no such document", []string{"run", "nowhere.yaml"},
			"nowhere.yaml: error NET001 not readable, got \"no such file or directory\"; check the name and the permissions of the file\nnowhere.yaml: 1 error, 0 warnings\n"},
		{"compare one", []string{"compare", "a.json"}, "pathproof: two results are expected, got 1; run pathproof probe compare --help\n"},
		{"compare nothing", []string{"compare", "a.json", "b.json"}, "pathproof: open a.json: no such file or directory\n"},
		{"serve something", []string{"serve", "7007"}, `pathproof: no argument is expected, got "7007"; run pathproof probe serve --help` + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			compare(t, result{Code: 3, Stderr: tt.want}, pathproof(append([]string{"probe"}, tt.args...)...))
		})
	}
}

func TestProbeRun_DocumentWithManyProblems(t *testing.T) {
	t.Chdir("testdata")
	want, err := os.ReadFile("bad-probe.txt")
	if err != nil {
		t.Fatal(err)
	}
	compare(t, result{Code: 3, Stderr: string(want)}, pathproof("probe", "run", "bad-probe.yaml"))
}

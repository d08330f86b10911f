package main

import "testing"

func TestSystemFindings(t *testing.T) {
	for _, tt := range []struct {
		got    finding
		status string
		found  string
	}{
		{quota(""), isOK, "none"},
		{quota("max 100000"), isOK, "none"},
		{quota("200000 100000"), isOK, "2.00 processors"},
		{quota("7200 100000"), isWeak, "0.07 processors"},
		{clocksource("tsc"), isOK, "tsc"},
		{clocksource("hpet"), isWeak, "hpet, which takes a microsecond or more to read"},
		{clocksource(""), isWeak, "source unknown"},
		{ports("32768\t60999"), isOK, "32768 to 60999 are given out; --flows takes 20000 to 29999"},
		{ports("1024 65535"), isWeak, "1024 to 65535 are given out; --flows takes 20000 to 29999"},
		{ports(""), isWeak, "range unknown"},
	} {
		if tt.got.Status != tt.status || tt.got.Found != tt.found {
			t.Errorf("want %s: %s, got %+v", tt.status, tt.found, tt.got)
		}
	}
}

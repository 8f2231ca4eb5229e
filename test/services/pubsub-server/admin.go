package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/grpc/codes"
)

// addAdmin serves, by any HTTP method:
//
//	/__admin/stats                              calls per method
//	/__admin/clear                              forget all messages
//	/__admin/kick                               reset every connection
//	/__admin/down?ms=3000                       the same, and refuse new ones for so long
//	/__admin/fault?method=Publish&code=14&n=3   fail the next n calls (n=-1: all) with this gRPC code, a name or number
func addAdmin(mux *http.ServeMux, fake *pstest.Server, faults *faults, connections *connections) {
	mux.HandleFunc("/__admin/stats", func(w http.ResponseWriter, r *http.Request) {
		faults.mu.Lock()
		defer faults.mu.Unlock()
		answer(w, faults.calls)
	})
	mux.HandleFunc("/__admin/clear", func(w http.ResponseWriter, r *http.Request) {
		fake.ClearMessages()
		answer(w, map[string]int{})
	})
	mux.HandleFunc("/__admin/kick", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]int{"closed": connections.cut(0, r.RemoteAddr)})
	})
	mux.HandleFunc("/__admin/down", func(w http.ResponseWriter, r *http.Request) {
		ms, err := strconv.Atoi(r.FormValue("ms"))
		if err != nil {
			fail(w, invalid("ms: %v", err))
			return
		}
		answer(w, map[string]int{"closed": connections.cut(time.Duration(ms)*time.Millisecond, r.RemoteAddr)})
	})
	mux.HandleFunc("/__admin/fault", func(w http.ResponseWriter, r *http.Request) {
		count, err := strconv.Atoi(r.FormValue("n"))
		if err != nil {
			fail(w, invalid("n: %v", err))
			return
		}
		var code codes.Code
		if err := parseCode(r.FormValue("code"), &code); err != nil {
			fail(w, invalid("code: %v", err))
			return
		}
		faults.mu.Lock()
		defer faults.mu.Unlock()
		faults.set[r.FormValue("method")] = &fault{code, count}
		answer(w, map[string]int{"left": count})
	})
}

// parseCode takes a number or a name such as UNAVAILABLE.
func parseCode(text string, code *codes.Code) error {
	if _, err := strconv.Atoi(text); err != nil {
		text = strconv.Quote(text)
	}
	return code.UnmarshalJSON([]byte(text))
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(value)
}

package main

import (
	"net"
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// faults counts the calls of each method and answers some of them with an error.
type faults struct {
	mu    sync.Mutex
	calls map[string]int
	set   map[string]*fault // by method, for example "Publish"
}

type fault struct {
	code codes.Code
	left int
}

func newFaults() *faults {
	return &faults{calls: map[string]int{}, set: map[string]*fault{}}
}

func (f *faults) before(method string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[method]++
	fault := f.set[method]
	if fault == nil || fault.left == 0 {
		return nil
	}
	fault.left--
	return status.Errorf(fault.code, "fault set for %s", method)
}

// connections are those that are open; tests may cut them all, and for a while every new one.
type connections struct {
	mu      sync.Mutex
	open    map[net.Conn]bool
	downEnd time.Time
}

func (c *connections) track(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.open[conn] = true
	case http.StateClosed, http.StateHijacked:
		delete(c.open, conn)
	}
}

// cut resets every connection but the one the request came over, and refuses new ones for this long.
func (c *connections) cut(down time.Duration, except string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.downEnd = time.Now().Add(down)
	count := 0
	for conn := range c.open {
		if conn.RemoteAddr().String() != except {
			reset(conn)
			count++
		}
	}
	return count
}

func (c *connections) isDown() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Before(c.downEnd)
}

// gate is a listener that resets what comes in while the server is down.
type gate struct {
	net.Listener
	connections *connections
}

func (g *gate) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil || !g.connections.isDown() {
			return conn, err
		}
		reset(conn)
	}
}

func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}

// pubsub-server is Google's in-memory Pub/Sub fake (pstest) on one port, which answers gRPC, the Pub/Sub REST API and,
// under /__admin/, calls that let a test look at the server and break it.
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	pb "cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/grpc"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8085", "listen address")
	minAck := flag.Int("min-ack-deadline", 10, "smallest ack deadline accepted, seconds (Google: 10)")
	flag.Parse()
	minAckDeadline = int32(*minAck)
	pstest.SetMinAckDeadline(time.Duration(*minAck) * time.Second)

	fake := pstest.NewServerWithAddress("127.0.0.1:0") // it opens a port of its own, which nobody uses
	faults := newFaults()
	connections := &connections{open: map[net.Conn]bool{}}

	mux := http.NewServeMux()
	addRest(mux, &fake.GServer, faults)
	addAdmin(mux, fake, faults, connections)
	rpc := grpcServer(&fake.GServer, faults)
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{
		Protocols: protocols,
		ConnState: connections.track,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
				rpc.ServeHTTP(w, r)
			} else {
				mux.ServeHTTP(w, r)
			}
		}),
	}
	log.Fatal(server.Serve(&gate{listener, connections}))
}

func grpcServer(service *pstest.GServer, faults *faults) *grpc.Server {
	server := grpc.NewServer(
		grpc.MaxRecvMsgSize(20<<20),
		grpc.UnaryInterceptor(func(ctx context.Context, q any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			if err := faults.before(methodOf(info.FullMethod)); err != nil {
				return nil, err
			}
			if err := checkLimits(q); err != nil {
				return nil, err
			}
			return next(ctx, q)
		}),
		grpc.StreamInterceptor(func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
			if err := faults.before(methodOf(info.FullMethod)); err != nil {
				return err
			}
			return next(srv, stream)
		}))
	pb.RegisterPublisherServer(server, service)
	pb.RegisterSubscriberServer(server, service)
	pb.RegisterSchemaServiceServer(server, service)
	return server
}

// methodOf("/google.pubsub.v1.Publisher/Publish") is "Publish".
func methodOf(path string) string {
	return path[strings.LastIndex(path, "/")+1:]
}

package main

import (
	pb "cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

var minAckDeadline int32 // seconds

// checkLimits does what the service does and pstest leaves out: ack deadline (pstest answers UNKNOWN, which clients
// try again for minutes) and size limits.
func checkLimits(request any) error {
	switch q := request.(type) {
	case *pb.Subscription:
		if q.AckDeadlineSeconds == 0 {
			q.AckDeadlineSeconds = max(10, minAckDeadline)
		}
		if q.AckDeadlineSeconds < minAckDeadline || q.AckDeadlineSeconds > 600 {
			return invalid("ack deadline of %d s is outside %d to 600 s", q.AckDeadlineSeconds, minAckDeadline)
		}
	case *pb.PublishRequest:
		if len(q.Messages) > 1000 {
			return invalid("more than 1000 messages in a request")
		}
		if size := proto.Size(q); size > 10_000_000 {
			return invalid("request of %d bytes is larger than 10000000", size)
		}
		for _, m := range q.Messages {
			if len(m.Data) == 0 && len(m.Attributes) == 0 {
				return invalid("a message has neither data nor attributes")
			}
			if len(m.Attributes) > 100 {
				return invalid("a message has more than 100 attributes")
			}
		}
	}
	return nil
}

func invalid(format string, values ...any) error {
	return status.Errorf(codes.InvalidArgument, format, values...)
}
